// One proxy's configuration as a user notices it, in the same shape whoever wrote it. What only machines notice is left out:
// statistics, tracing, names that nothing refers to, and two ways of saying the same.

import { endpointsOf, letsEndpointsDecide, viewOfCluster } from "./cluster-view.ts";
import { viewOfAssignment } from "./endpoint-view.ts";
import {
  byName,
  canonical,
  isObject,
  type Json,
  type JsonObject,
  mapMembers,
  member,
  objectsIn,
  textOf,
  textsIn,
  valuesCalled,
  without,
} from "./json.ts";
import { viewOfListener } from "./listener-view.ts";
import { viewOfTable } from "./route-view.ts";

export interface Configuration {
  readonly listeners: readonly JsonObject[];
  readonly clusters: readonly JsonObject[];
  readonly routes: readonly JsonObject[];
  readonly endpoints: readonly JsonObject[];
}

export function viewOf({ listeners, clusters, routes, endpoints }: Configuration): JsonObject {
  const nameOf = ({ name }: JsonObject) => textOf(name);
  const serviceOf = ({ clusterName }: JsonObject) => textOf(clusterName);
  // A table that no listener reads is noticed by nobody, and neither is a cluster that nothing leads to.
  const readTables = new Set(valuesCalled(listeners, "routeConfigName"));
  // Asked for a table once for each listener that reads it, istiod's code knows its hosts the first time only.
  const firstByName = new Map(routes.toReversed().map((each) => [nameOf(each), each]));
  const tables = [...firstByName.values()].filter((each) => readTables.has(nameOf(each)));
  const known = new Set(clusters.map(nameOf));
  const hashing = new Set(clusters.filter(choosesByHash).map(nameOf));
  const used = targetsIn([...listeners, ...tables]);
  const assignments = new Map(endpoints.map((each) => [serviceOf(each), each]));
  const deciding = new Set(clusters.filter(letsEndpointsDecide).map(endpointsOf));
  // What carries TCP only has no use for the options of HTTP.
  const withHttp = targetsIn([...valuesCalled(listeners, "routeConfig"), ...tables]);
  return {
    listeners: byName(
      listeners.map((each) => led(each, known, hashing)),
      nameOf,
      viewOfListener,
    ),
    clusters: byName(
      clusters.filter((each) => used.has(nameOf(each))),
      nameOf,
      (each) => viewOfCluster(each, withHttp.has(nameOf(each)), assignments),
    ),
    routes: byName(
      tables.map((each) => led(each, known, hashing)),
      nameOf,
      viewOfTable,
    ),
    endpoints: byName(
      endpoints.filter((each) => used.has(serviceOf(each))),
      serviceOf,
      (each) => viewOfAssignment(each, deciding.has(serviceOf(each))),
    ),
  };
}

/** Whatever may be the name of a cluster. */
function targetsIn(values: readonly Json[]): ReadonlySet<string> {
  return new Set(textsIn(valuesCalled(values, "cluster", "name")));
}

const nowhere = "BlackHoleCluster";

/**
 * With everything that leads to no cluster led to the one that refuses: either way the answer is 503. And without hashes for clusters that
 * do not choose by them.
 */
function led(value: JsonObject, known: ReadonlySet<string>, hashing: ReadonlySet<string>): JsonObject {
  const target = (name: Json | undefined) => (known.has(textOf(name)) ? name : nowhere);
  const inside = (inner: Json | undefined): Json | undefined => {
    if (Array.isArray(inner)) return inner.map((each) => inside(each) ?? null);
    return isObject(inner) ? led(inner, known, hashing) : inner;
  };
  const hashes = [...targetsIn([value])].some((name) => hashing.has(name));
  return mapMembers(value, (inner, key) => {
    if (key === "cluster" && typeof inner === "string") return target(inner);
    if (key === "clusters" && Array.isArray(inner)) {
      return objectsIn(inner).map((each) => ({
        ...led(without(each, "name"), known, hashing),
        name: target(each.name),
      }));
    }
    // Nobody hears of a copy that is lost.
    if (key === "requestMirrorPolicies") {
      return objectsIn(inner).filter((mirror) => known.has(textOf(member(mirror, "cluster"))));
    }
    if (key === "hashPolicy" && !hashes) return undefined;
    return inside(inner);
  });
}

function choosesByHash(cluster: JsonObject): boolean {
  return /RING_HASH|MAGLEV|ring_hash|maglev/.test(
    canonical([cluster.lbPolicy ?? null, cluster.loadBalancingPolicy ?? null]),
  );
}
