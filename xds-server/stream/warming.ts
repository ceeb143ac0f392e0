// Which clusters at the client are still waiting for their endpoints. A cluster is of no use to a route before they came,
// so listeners and routes wait for this set to be empty. Knows names and nonces only.

import type { ServedResource } from "../cache/resource.ts";
import type { InFlight } from "./type-state.ts";

/** A cluster was sent in the response number `after`, at the time `since`; only a later load assignment warms it. */
export interface Warming {
  readonly since: number;
  readonly after: number;
}

/** By the name of the load assignment. */
export type WarmingSet = ReadonlyMap<string, Warming>;

/** The set once these clusters are on their way. */
export function startWarming(
  before: WarmingSet,
  sent: readonly ServedResource[],
  start: Warming,
): WarmingSet {
  const names = endpointNames(sent);
  if (names.length === 0) return before;
  const after = new Map(before);
  for (const name of names) after.set(name, start);
  return after;
}

/** The set once the client has answered for these load assignments; a refused one will not come again by itself. */
export function endpointsAnswered(before: WarmingSet, { nonce, resources }: InFlight): WarmingSet {
  const number = Number(nonce);
  const done = resources.filter(({ name }) => (before.get(name)?.after ?? number) < number);
  return without(
    before,
    done.map(({ name }) => name),
  );
}

/** The set once the client has refused these clusters, and so may never ask for their endpoints. */
export function clustersRefused(before: WarmingSet, { resources }: InFlight): WarmingSet {
  return without(before, endpointNames(resources));
}

/** The load assignments that these clusters subscribe to. */
export function endpointNames(clusters: readonly ServedResource[]): readonly string[] {
  return clusters.flatMap(({ references }) => references.endpoints ?? []);
}

function without(before: WarmingSet, names: readonly string[]): WarmingSet {
  if (!names.some((name) => before.has(name))) return before;
  const gone = new Set(names);
  return new Map([...before].filter(([name]) => !gone.has(name)));
}
