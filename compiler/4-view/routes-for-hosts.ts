// Which route sets are for a host. In: the sets that a client may see. Out: those that may route a service; those that name a host.

import { placesByKeys } from "#immutable";
import { compareAge, compareNearness } from "../3-mesh/order.ts";
import { compareSpecificity, hostCovers } from "../model/host.ts";
import type { RouteSet } from "../model/routes.ts";
import type { MeshService } from "../model/service.ts";

/**
 * The sets for a service, as a namespace sees it: the most specific host wins, then what is nearest, then the oldest object. Whoever writes
 * the same name comes after, for where the first has no route; of those that write a wildcard the first is alone.
 */
export function routesFor(
  sets: readonly RouteSet[],
  namespace: string,
): (service: MeshService) => readonly RouteSet[] {
  const places = placesByHost(sets);
  const order = (a: RouteSet, b: RouteSet) => compareNearness(a, b, namespace) || compareAge(a, b);
  return (service) => best(setsAt(sets, places, service.hostname), service, order);
}

/** Whether a set has HTTP routes for this very host. */
export function isRouted(sets: readonly RouteSet[], host: string): boolean {
  return setsAt(sets, placesByHost(sets), host).some(({ hosts }) => hosts.includes(host));
}

/** Whether a set has HTTP routes for this host, or for all that some wildcard covers. */
export function isRoutedAmongOthers(sets: readonly RouteSet[], host: string): boolean {
  const covers = (pattern: string) => hostCovers(pattern, host);
  return setsAt(sets, placesByHost(sets), host).some(({ hosts }) => hosts.some(covers));
}

/** The sets that may route a host: few of many name it or a wildcard. */
function setsAt(
  sets: readonly RouteSet[],
  places: ReadonlyMap<string, readonly number[]>,
  host: string,
): readonly RouteSet[] {
  return [...(places.get(wild) ?? []), ...(places.get(host) ?? [])].flatMap((place) => sets[place] ?? []);
}

/** Instead of a host: the set has one that stands for several. */
const wild = "";

const placesByHost = placesByKeys(({ http, hosts }: RouteSet): readonly string[] => {
  if (http.length === 0) return [];
  return hosts.some((host) => host.includes("*")) ? [wild] : hosts;
});

function best(
  sets: readonly RouteSet[],
  { hostname }: MeshService,
  order: (a: RouteSet, b: RouteSet) => number,
): readonly RouteSet[] {
  const patterns = sets.flatMap(({ hosts }) => hosts.filter((host) => hostCovers(host, hostname)));
  const [pattern] = patterns.sort(compareSpecificity);
  if (pattern === undefined) return none;
  const found = sets.filter(({ hosts }) => hosts.includes(pattern)).sort(order);
  return pattern.startsWith("*") ? found.slice(0, 1) : found;
}

const none: readonly RouteSet[] = [];
