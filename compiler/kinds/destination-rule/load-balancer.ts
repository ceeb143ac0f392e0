// How requests are spread over the endpoints of a destination.

import type { HashKey, HashTable, LoadBalancer } from "../../model/destination.ts";
import { readDuration } from "../shared/duration.ts";
import { readLocalityLb } from "../shared/locality-lb.ts";
import { readPercent } from "../shared/outlier-detection.ts";
import {
  at,
  compact,
  isSet,
  type Place,
  readChoice,
  readFlag,
  readItems,
  readNumber,
  readRawText,
  readText,
  readWhole,
  report,
  reportExclusive,
  reportMissing,
} from "../shared/place.ts";

type Algorithm = LoadBalancer["algorithm"];
type SimpleAlgorithm = Exclude<Algorithm["type"], "consistent-hash">;

/** Istio's default is least request; LEAST_CONN is its old name. */
const simple: Readonly<Record<string, SimpleAlgorithm>> = {
  UNSPECIFIED: "least-request",
  LEAST_REQUEST: "least-request",
  LEAST_CONN: "least-request",
  ROUND_ROBIN: "round-robin",
  RANDOM: "random",
  PASSTHROUGH: "passthrough",
};

/** Undefined when nothing is written. */
export function readLoadBalancer(place: Place, hasOutlierDetection: boolean): LoadBalancer | undefined {
  if (!isSet(place)) return undefined;
  reportExclusive(place, ["simple", "consistentHash"]);
  return compact<LoadBalancer>({
    algorithm: readAlgorithm(place),
    localityLb: readLocalityLb(at(place, "localityLbSetting"), hasOutlierDetection),
    warmup: readWarmup(place),
  });
}

function readAlgorithm(place: Place): Algorithm {
  const hash = at(place, "consistentHash");
  if (isSet(hash)) return readConsistentHash(hash);
  return { type: readChoice(at(place, "simple"), simple) ?? "least-request" };
}

const hashKeys = ["httpHeaderName", "httpCookie", "useSourceIp", "httpQueryParameterName"];

function readConsistentHash(place: Place): Algorithm {
  reportExclusive(place, hashKeys);
  const table = readTable(place);
  const key = readHashKey(place);
  if (key !== undefined) return { type: "consistent-hash", key, table };
  const message = `"consistentHash" says nothing to hash by, so that it has no effect`;
  report(place, "ineffective-field", message, `set one of ${hashKeys.join(", ")}`);
  return { type: "least-request" };
}

function readHashKey(place: Place): HashKey | undefined {
  const header = readText(at(place, "httpHeaderName"));
  if (header !== undefined) return { type: "header", name: header.toLowerCase() };
  const cookie = at(place, "httpCookie");
  if (isSet(cookie)) return readCookie(cookie);
  if (readFlag(at(place, "useSourceIp")) === true) return { type: "source-ip" };
  const parameter = readText(at(place, "httpQueryParameterName"));
  return parameter === undefined ? undefined : { type: "query-parameter", name: parameter };
}

function readCookie(place: Place): HashKey | undefined {
  const name = readText(at(place, "name"));
  if (name === undefined) {
    reportMissing(place, "name");
    return undefined;
  }
  return compact<Extract<HashKey, { type: "cookie" }>>({
    type: "cookie",
    name,
    path: readText(at(place, "path")) ?? "",
    ttlMs: readDuration(at(place, "ttl"), { leastMs: 0 }),
    attributes: readItems(at(place, "attributes")).map((item) => ({
      name: readText(at(item, "name")) ?? "",
      value: readRawText(at(item, "value")) ?? "",
    })),
  });
}

/** Envoy's default ring, in Istio's reading. */
const defaultRingSize = 1024;

/** Envoy's limit on Maglev tables. */
const largestMaglevTable = 5_000_011;

function readTable(place: Place): HashTable {
  reportExclusive(place, ["ringHash", "maglev"]);
  const oldSize = at(place, "minimumRingSize");
  const ringSize = readRingSize(oldSize);
  if (ringSize !== undefined) {
    const message = `"minimumRingSize" is deprecated`;
    report(oldSize, "deprecated-field", message, `use "ringHash.minimumRingSize"`);
    reportExclusive(place, ["ringHash", "minimumRingSize"]);
    reportExclusive(place, ["maglev", "minimumRingSize"]);
  }
  const maglev = at(place, "maglev");
  if (isSet(maglev)) return readMaglev(maglev);
  const minimumSize = readRingSize(at(place, "ringHash", "minimumRingSize")) ?? ringSize;
  return { type: "ring", minimumSize: minimumSize ?? defaultRingSize };
}

/** Envoy's limit on rings. */
const largestRing = 8_388_608;

function readRingSize(place: Place): number | undefined {
  const size = readWhole(place) || undefined;
  if (size !== undefined && size > largestRing) {
    report(place, "invalid-value", `${size} is more than ${largestRing}, the largest ring`);
  }
  return size;
}

function readMaglev(place: Place): HashTable {
  const tableSize = at(place, "tableSize");
  const size = readWhole(tableSize) || undefined;
  if (size === undefined) {
    reportMissing(place, "tableSize");
    return { type: "maglev" };
  }
  if (size >= largestMaglevTable)
    report(tableSize, "invalid-value", `${size} is not below ${largestMaglevTable}`);
  else if (!isPrime(size))
    report(tableSize, "invalid-value", `${size} is not a prime number, which Maglev needs`);
  return { type: "maglev", size };
}

function isPrime(number: number): boolean {
  if (number < 2) return number === 1;
  for (let factor = 2; factor * factor <= number; factor++) if (number % factor === 0) return false;
  return true;
}

function readWarmup(place: Place): LoadBalancer["warmup"] {
  const old = at(place, "warmupDurationSecs");
  const warmup = at(place, "warmup");
  if (isSet(old)) {
    report(old, "deprecated-field", `"warmupDurationSecs" is deprecated`, `use "warmup.duration"`);
  }
  if (!isSet(warmup)) {
    const durationMs = readDuration(old);
    return durationMs === undefined ? undefined : { durationMs };
  }
  const durationMs = readDuration(at(warmup, "duration"));
  if (!isSet(at(warmup, "duration"))) reportMissing(warmup, "duration");
  const aggression = readNumber(at(warmup, "aggression"));
  const minimumPercent = readPercent(at(warmup, "minimumPercent"));
  if (durationMs === undefined) return undefined;
  return compact<NonNullable<LoadBalancer["warmup"]>>({ durationMs, minimumPercent, aggression });
}
