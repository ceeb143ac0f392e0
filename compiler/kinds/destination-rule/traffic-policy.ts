// The policy of a destination, of one of its subsets, or of one of its ports.

import type { TrafficPolicy } from "../../model/destination.ts";
import { readConnectionPool } from "../shared/connection-pool.ts";
import { readOutlierDetection, readPercent } from "../shared/outlier-detection.ts";
import {
  at,
  compact,
  isSet,
  type Place,
  readChoice,
  readItems,
  readWhole,
  report,
  reportExclusive,
  reportMissing,
  setFields,
} from "../shared/place.ts";
import { readPort } from "../shared/port.ts";
import { readClientTls } from "./client-tls.ts";
import { readLoadBalancer } from "./load-balancer.ts";

type PortPolicy = TrafficPolicy["portPolicies"][number];

const sections = ["loadBalancer", "connectionPool", "outlierDetection", "tls"];

/** Empty when nothing is written. */
export function readTrafficPolicy(place: Place): TrafficPolicy {
  if (!isSet(place)) return { portPolicies: {} };
  const others = ["portLevelSettings", "tunnel", "proxyProtocol", "retryBudget"];
  if (setFields(place, [...sections, ...others]).length === 0) {
    report(place, "invalid-value", `"trafficPolicy" is empty`);
  }
  reportExclusive(place, ["proxyProtocol", "tunnel"]);
  return { ...readSections(place), portPolicies: readPortPolicies(at(place, "portLevelSettings")) };
}

function readSections(place: Place): PortPolicy {
  const outlierDetection = readOutlierDetection(at(place, "outlierDetection"));
  const version = at(place, "proxyProtocol");
  return compact<PortPolicy>({
    loadBalancer: readLoadBalancer(at(place, "loadBalancer"), outlierDetection !== undefined),
    connectionPool: readConnectionPool(at(place, "connectionPool")),
    outlierDetection,
    tls: readClientTls(at(place, "tls")),
    proxyProtocol: isSet(version)
      ? (readChoice<"V1" | "V2">(at(version, "version"), { V1: "V1", V2: "V2" }) ?? "V1")
      : undefined,
    retryBudget: readRetryBudget(at(place, "retryBudget")),
  });
}

/** Envoy's defaults: 20 %, at least 3. */
function readRetryBudget(place: Place): TrafficPolicy["retryBudget"] {
  if (!isSet(place)) return undefined;
  return {
    percent: readPercent(at(place, "percent")) ?? 20,
    minRetryConcurrency: readWhole(at(place, "minRetryConcurrency")) ?? 3,
  };
}

function readPortPolicies(place: Place): TrafficPolicy["portPolicies"] {
  const policies: Record<number, PortPolicy> = {};
  for (const item of readItems(place)) {
    const number = at(item, "port", "number");
    const port = readPort(number);
    if (!isSet(number)) reportMissing(item, "port", "a port-level policy needs a port number");
    if (setFields(item, sections).length === 0) {
      report(item, "invalid-value", "the policy of the port is empty");
    }
    const policy = readSections(item);
    if (port === undefined) continue;
    if (policies[port] !== undefined) {
      report(number, "duplicate-value", `port ${port} has a policy already`);
    }
    policies[port] ??= policy;
  }
  return policies;
}
