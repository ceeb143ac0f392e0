// Where matched traffic goes, and in which proportions.

import { isJsonObject } from "../../1-parse/raw-object.ts";
import { isDnsLabel } from "../../model/names.ts";
import type { Destination, HeaderOperations, WeightedDestination } from "../../model/routes.ts";
import { checkHost, resolveHost } from "../shared/host.ts";
import {
  at,
  compact,
  isSet,
  originAt,
  type Place,
  readItems,
  readText,
  readWhole,
  report,
  reportMissing,
} from "../shared/place.ts";
import { readPort } from "../shared/port.ts";
import { noHeaderOperations, readHeaderOperations } from "./headers.ts";

/** A single destination takes everything, whatever its weight. */
const everything = 100;

export function readDestination(place: Place): Destination | undefined {
  const host = readText(at(place, "host"));
  if (host === undefined) {
    reportMissing(place, "host");
    return undefined;
  }
  if (host === "*") report(at(place, "host"), "invalid-host", `"*" is no destination: name a host`);
  else checkHost(at(place, "host"), host, { wildcard: true, address: false });
  const subset = readText(at(place, "subset"));
  if (subset !== undefined && !isDnsLabel(subset)) {
    report(
      at(place, "subset"),
      "invalid-name",
      `"${subset}" is not a subset name: letters, digits and inner hyphens`,
    );
  }
  const { object, mesh } = place.reader;
  return compact<Destination>({
    host: resolveHost(host, object.namespace, mesh.domainSuffix),
    subset,
    port: readDestinationPort(at(place, "port")),
    origin: originAt(at(place, "host")),
  });
}

function readDestinationPort(place: Place): number | undefined {
  if (!isSet(place)) return undefined;
  if (!isSet(at(place, "number"))) reportMissing(place, "number");
  return readPort(at(place, "number"));
}

/** The `route` list of a rule. `withHeaders`: HTTP routes may change headers per destination. */
export function readDestinations(place: Place, withHeaders: boolean): readonly WeightedDestination[] {
  const items = readItems(place);
  const destinations = items.flatMap((item) => readWeighted(item, withHeaders) ?? []);
  const [only] = destinations;
  if (only !== undefined && items.length === 1) return [{ ...only, weight: everything }];
  if (
    destinations.length > 0 &&
    destinations.every(({ weight }) => weight === 0) &&
    !items.some(isMisspelt)
  ) {
    report(place, "zero-weights", "the weights of all destinations are 0, so that none can be chosen");
  }
  return destinations;
}

/** Has a field that does not exist, reported elsewhere: it may well be the weight. */
function isMisspelt({ value }: Place): boolean {
  return (
    isJsonObject(value) &&
    Object.keys(value).some((key) => !["destination", "weight", "headers"].includes(key))
  );
}

function readWeighted(place: Place, withHeaders: boolean): WeightedDestination | undefined {
  const target = at(place, "destination");
  if (!isSet(target)) {
    reportMissing(place, "destination");
    return undefined;
  }
  const weight = readWhole(at(place, "weight")) ?? 0;
  const headers: HeaderOperations = withHeaders
    ? readHeaderOperations(at(place, "headers"))
    : noHeaderOperations;
  const destination = readDestination(target);
  return destination === undefined ? undefined : { destination, weight, headers };
}
