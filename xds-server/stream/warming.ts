// Which clusters at the client are still waiting for their endpoints. A cluster is of no use to a route before they came,
// so listeners and routes wait for this set to be empty. Knows names and nonces only.

import { type LayeredMap, layeredMap, lookUp, namesIn, withEntries } from "#immutable";
import { partsOf } from "../cache/collection.ts";
import type { ServedResource } from "../cache/resource.ts";
import { typeUrls } from "../cache/resource-types.ts";
import { collectionOf, endpointsNeeded } from "../cache/snapshot.ts";
import type { SessionState } from "./session.ts";
import type { InFlight } from "./type-state.ts";

/** Clusters that were sent in the response number `after`, at the time `since`; only a later load assignment warms one. */
export interface Warming {
  readonly since: number;
  readonly after: number;
  /** By the name of the load assignment. Never empty. */
  readonly clusters: LayeredMap<string>;
}

/** No load assignment is in two of them. */
export type WarmingSet = readonly Warming[];

/** The set once these clusters are on their way. */
export function startWarming(
  before: WarmingSet,
  sent: readonly ServedResource[],
  start: Omit<Warming, "clusters">,
): WarmingSet {
  const clusters = clustersIn(sent);
  return clusters.size === 0 ? before : [...without(before, namesIn(clusters)), { ...start, clusters }];
}

/** The set once these clusters are withdrawn. */
export function stopWarming(before: WarmingSet, removed: readonly string[]): WarmingSet {
  if (before.length === 0 || removed.length === 0) return before;
  const gone = before.flatMap(({ clusters }) =>
    [...namesIn(clusters)].filter((name) => removed.includes(lookUp(clusters, name) ?? "")),
  );
  return without(before, gone);
}

/** Those that the client should still have. A cluster about to be withdrawn holds nothing up, unless it comes back. */
export function neededWarming({
  warming,
  snapshot,
}: Pick<SessionState, "warming" | "snapshot">): readonly string[] {
  if (warming.length === 0) return [];
  const needed = endpointsNeeded(collectionOf(snapshot, typeUrls.cluster));
  return namesOf(warming).filter((name) => needed.has(name));
}

/** Whether there are any. */
export function isWarming({ warming, snapshot }: Pick<SessionState, "warming" | "snapshot">): boolean {
  if (warming.length === 0) return false;
  const needed = endpointsNeeded(collectionOf(snapshot, typeUrls.cluster));
  for (const { clusters } of warming) for (const name of namesIn(clusters)) if (needed.has(name)) return true;
  return false;
}

/** The names of the load assignments that are waited for. */
export function namesOf(warming: WarmingSet): readonly string[] {
  return warming.flatMap(({ clusters }) => [...namesIn(clusters)]);
}

/** The set once the client has answered for these load assignments; a refused one will not come again by itself. */
export function endpointsAnswered(before: WarmingSet, { nonce, resources }: InFlight): WarmingSet {
  if (before.length === 0) return before;
  const number = Number(nonce);
  return before.flatMap((each) => {
    if (each.after >= number) return [each];
    // As after the first answer for all endpoints.
    if (areAmong(each.clusters, resources)) return [];
    return without(
      [each],
      resources.map(({ name }) => name),
    );
  });
}

/** The set once the client has refused these clusters, and so may never ask for their endpoints. */
export function clustersRefused(before: WarmingSet, { resources }: InFlight): WarmingSet {
  return without(before, endpointNames(resources));
}

/** The load assignments that these clusters subscribe to. */
export function endpointNames(clusters: readonly ServedResource[]): readonly string[] {
  return clusters.flatMap(({ references }) => references.endpoints ?? []);
}

const waiting = new WeakMap<readonly ServedResource[], LayeredMap<string>>();

/** The clusters of a list by their load assignments: of what a crowd is sent, one map for all of them. */
function clustersIn(sent: readonly ServedResource[]): LayeredMap<string> {
  const [first = layeredMap<string>(), ...others] = partsOf(sent)
    .map(clustersInPart)
    .filter(({ size }) => size > 0);
  return others.reduce((all, { base }) => withEntries(all, base), first);
}

function clustersInPart(part: readonly ServedResource[]): LayeredMap<string> {
  const made = waiting.get(part) ?? layeredMap(new Map(part.flatMap(byAssignment)));
  waiting.set(part, made);
  return made;
}

function byAssignment({ name, references }: ServedResource): readonly (readonly [string, string])[] {
  return references.endpoints === undefined ? [] : [[references.endpoints, name]];
}

/** By clusters that a crowd was sent, a list of load assignments in which all of theirs are. */
const answered = new WeakMap<Warming["clusters"], readonly ServedResource[]>();

function areAmong(clusters: Warming["clusters"], resources: readonly ServedResource[]): boolean {
  if (clusters.size > resources.length) return false;
  if (answered.get(clusters) === resources) return true;
  const names = new Set(resources.map(({ name }) => name));
  for (const name of namesIn(clusters)) if (!names.has(name)) return false;
  answered.set(clusters, resources);
  return true;
}

function without(before: WarmingSet, names: Iterable<string>): WarmingSet {
  if (before.length === 0) return before;
  const gone = Array.from(names, (name) => [name, undefined] as const);
  return before
    .map((each) => ({ ...each, clusters: withEntries(each.clusters, gone) }))
    .filter(({ clusters }) => clusters.size > 0);
}
