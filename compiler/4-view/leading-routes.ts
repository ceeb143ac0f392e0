// Where route sets lead. In: route sets. Out: the hosts that they name as destinations, and the sets that name a host.

import { placesByKeys } from "#immutable";
import { mirrorsOf } from "../3-mesh/mirrors.ts";
import { memoizeByIdentity } from "../model/memo.ts";
import type { RouteSet } from "../model/routes.ts";

/** In the order of the rules; one may come twice. */
export const destinationHosts = memoizeByIdentity((set: RouteSet): readonly string[] => {
  const http = set.http.flatMap((rule) => [
    ...(rule.action.type === "forward" ? rule.action.destinations.map((each) => each.destination.host) : []),
    ...mirrorsOf(rule).map((mirror) => mirror.destination.host),
  ]);
  const l4 = [...set.tls, ...set.tcp].flatMap((rule) =>
    rule.destinations.map((each) => each.destination.host),
  );
  return [...http, ...l4];
});

/** Whether a set says where connections go, and not only requests. */
export function isBelowHttp({ tls, tcp }: RouteSet): boolean {
  return tls.length + tcp.length > 0;
}

/** The sets with a rule that leads to one of the hosts, in their order. */
export function setsLeadingTo(sets: readonly RouteSet[], hosts: ReadonlySet<string>): readonly RouteSet[] {
  if (hosts.size === 0) return [];
  const places = placesByDestination(sets);
  const found = new Set([...hosts].flatMap((host) => places.get(host) ?? []));
  return [...found].sort((a, b) => a - b).flatMap((place) => sets[place] ?? []);
}

const placesByDestination = placesByKeys(destinationHosts);
