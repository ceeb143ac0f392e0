// Where route sets lead. In: route sets. Out: the hosts that they name as destinations, and the sets that name a host.

import { mapItems } from "#immutable";
import { memoizeByIdentity } from "../model/memo.ts";
import type { RouteSet } from "../model/routes.ts";

/** In the order of the rules; one may come twice. */
export const destinationHosts = memoizeByIdentity((set: RouteSet): readonly string[] => {
  const http = set.http.flatMap((rule) => [
    ...(rule.action.type === "forward" ? rule.action.destinations.map((each) => each.destination.host) : []),
    ...rule.mirrors.map((mirror) => mirror.destination.host),
  ]);
  const l4 = [...set.tls, ...set.tcp].flatMap((rule) =>
    rule.destinations.map((each) => each.destination.host),
  );
  return [...http, ...l4];
});

/** The sets with a rule that leads to one of the hosts, in their order. */
export function setsLeadingTo(sets: readonly RouteSet[], hosts: ReadonlySet<string>): readonly RouteSet[] {
  if (hosts.size === 0) return [];
  const places = placesByDestination(destinationsOf(sets));
  const found = new Set([...hosts].flatMap((host) => places.get(host) ?? []));
  return [...found].sort((a, b) => a - b).flatMap((place) => sets[place] ?? []);
}

/** Of each set as a text, which is mostly what it was. */
const destinationsOf = mapItems((set: RouteSet): string => destinationHosts(set).join());

const placesByDestination = memoizeByIdentity(
  (destinations: readonly string[]): ReadonlyMap<string, readonly number[]> => {
    const places = new Map<string, number[]>();
    for (const [place, hosts] of destinations.entries()) {
      for (const host of new Set(hosts.split(","))) places.getOrInsertComputed(host, () => []).push(place);
    }
    return places;
  },
);
