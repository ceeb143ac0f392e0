// Which clusters at the client are still waiting for their endpoints. A cluster is of no use to a route before they came,
// so listeners and routes wait for this set to be empty. Knows names and nonces only.

import type { ServedResource } from "../cache/resource.ts";
import { typeUrls } from "../cache/resource-types.ts";
import { collectionOf, endpointsNeeded } from "../cache/snapshot.ts";
import type { SessionState } from "./session.ts";
import type { InFlight } from "./type-state.ts";

/** A cluster was sent in the response number `after`, at the time `since`; only a later load assignment warms it. */
export interface Warming {
  readonly cluster: string;
  readonly since: number;
  readonly after: number;
}

/** By the name of the load assignment. */
export type WarmingSet = ReadonlyMap<string, Warming>;

/** The set once these clusters are on their way. */
export function startWarming(
  before: WarmingSet,
  sent: readonly ServedResource[],
  start: Omit<Warming, "cluster">,
): WarmingSet {
  let after: Map<string, Warming> | undefined;
  for (const { name, references } of sent) {
    if (references.endpoints === undefined) continue;
    after = (after ?? new Map(before)).set(references.endpoints, { ...start, cluster: name });
  }
  return after ?? before;
}

/** The set once these clusters are withdrawn. */
export function stopWarming(before: WarmingSet, removed: readonly string[]): WarmingSet {
  return without(
    before,
    [...before].filter(([, { cluster }]) => removed.includes(cluster)).map(([name]) => name),
  );
}

/** Those that the client should still have. A cluster about to be withdrawn holds nothing up, unless it comes back. */
export function neededWarming({
  warming,
  snapshot,
}: Pick<SessionState, "warming" | "snapshot">): readonly string[] {
  if (warming.size === 0) return [];
  const needed = endpointsNeeded(collectionOf(snapshot, typeUrls.cluster));
  return [...warming.keys()].filter((name) => needed.has(name));
}

/** Whether there are any. */
export function isWarming({ warming, snapshot }: Pick<SessionState, "warming" | "snapshot">): boolean {
  if (warming.size === 0) return false;
  const needed = endpointsNeeded(collectionOf(snapshot, typeUrls.cluster));
  for (const name of warming.keys()) if (needed.has(name)) return true;
  return false;
}

/** The set once the client has answered for these load assignments; a refused one will not come again by itself. */
export function endpointsAnswered(before: WarmingSet, { nonce, resources }: InFlight): WarmingSet {
  if (before.size === 0) return before;
  const number = Number(nonce);
  const done = resources.filter(({ name }) => (before.get(name)?.after ?? number) < number);
  // As after the first answer for all endpoints.
  if (done.length === before.size) return new Map();
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
