// A set of resources for one kind of proxy, immutable. What has not changed is shared between snapshots, and what proxies
// have in common is shared between them, so that comparing two costs what differs. Knows no client.

import { type Collection, createCollection, emptyCollection, layCollection } from "./collection.ts";
import { joinedVersion, sumOfVersions, versionOfSum } from "./hash.ts";
import { type EmittedResource, encodeResource, type ServedResource } from "./resource.ts";

export {
  type Collection,
  changedNames,
  changeMembers,
  createCollection,
  emptyCollection,
  endpointsNeeded,
  membersOf,
  originOf,
  partsOf,
} from "./collection.ts";

/** Everything a proxy should have. `id` is a hash: content made in the same way has an equal id on every replica. */
export interface Snapshot {
  readonly id: string;
  /** By type URL. Of a snapshot that lies on another, only those that are not the other's: ask `collectionOf`. */
  readonly collections: ReadonlyMap<string, Collection>;
  /** What it lies on, if it was made by `laySnapshot`. */
  readonly base?: Snapshot;
}

/**
 * Builds a snapshot; collections equal to those of `previous` are taken over from it.
 * Throws when two resources share a type and name: the compiler promises that they do not.
 */
export function createSnapshot(resources: Iterable<ServedResource>, previous?: Snapshot): Snapshot {
  const collections = new Map<string, Collection>();
  for (const [typeUrl, members] of byType(resources)) {
    collections.set(typeUrl, createCollection(members, previous?.collections.get(typeUrl)));
  }
  return snapshotOf(collections, previous);
}

/** A snapshot of collections that are already made, by type URL. */
export function joinCollections(collections: ReadonlyMap<string, Collection>, previous?: Snapshot): Snapshot {
  return snapshotOf(collections, previous);
}

/**
 * A snapshot for one of several proxies that have `base` in common: the base with resources on top, which hide those of
 * equal type and name. Collections equal to those of `previous` are taken over from it.
 */
export function laySnapshot(
  base: Snapshot,
  resources: readonly ServedResource[],
  previous?: Snapshot,
): Snapshot {
  const { byType, sum } = groupedOnce(resources);
  let collections =
    previous?.base && previous.collections.size === byType.size ? previous.collections : undefined;
  const layered: (readonly [string, Collection])[] = [];
  for (const [typeUrl, members] of byType) {
    const below = base.collections.get(typeUrl) ?? emptyCollection;
    const before = collectionOf(previous, typeUrl);
    const collection = layCollection(below, members, before);
    layered.push([typeUrl, collection]);
    if (collection !== before) collections = undefined;
  }
  if (previous && collections && previous.base === base) return previous;
  return { id: versionOfSum(sumOf(base) + sum), collections: collections ?? new Map(layered), base };
}

/** The snapshot of what the compiler emitted for a proxy. */
export function encodeSnapshot(emitted: Iterable<EmittedResource>, previous?: Snapshot): Snapshot {
  const resources: ServedResource[] = [];
  for (const each of emitted) resources.push(encodeResource(each));
  return createSnapshot(resources, previous);
}

/** The resources of one type; a type without any is the empty collection. */
export function collectionOf(snapshot: Snapshot | undefined, typeUrl: string): Collection {
  return snapshot?.collections.get(typeUrl) ?? snapshot?.base?.collections.get(typeUrl) ?? emptyCollection;
}

function byType(resources: Iterable<ServedResource>): ReadonlyMap<string, readonly ServedResource[]> {
  const byType = new Map<string, ServedResource[]>();
  for (const resource of resources) {
    const sameType = byType.get(resource.typeUrl);
    if (sameType) sameType.push(resource);
    else byType.set(resource.typeUrl, [resource]);
  }
  return byType;
}

interface Grouped {
  readonly byType: ReturnType<typeof byType>;
  /** Of their versions. */
  readonly sum: bigint;
}

const grouped = new WeakMap<readonly ServedResource[], Grouped>();

/** A client's own resources are mostly the same list as before. */
function groupedOnce(resources: readonly ServedResource[]): Grouped {
  const known = grouped.get(resources);
  if (known) return known;
  const made = {
    byType: byType(resources),
    sum: sumOfVersions(resources.map(({ version }) => version)),
  };
  grouped.set(resources, made);
  return made;
}

const sums = new WeakMap<Snapshot, bigint>();

/** Of a snapshot that many lie on. */
function sumOf(base: Snapshot): bigint {
  const known = sums.get(base);
  if (known !== undefined) return known;
  const sum = sumOfVersions([base.id]);
  sums.set(base, sum);
  return sum;
}

function snapshotOf(collections: ReadonlyMap<string, Collection>, previous: Snapshot | undefined): Snapshot {
  if (previous && !previous.base && isSame(previous.collections, collections)) return previous;
  return { id: joinedVersion([...collections.values()].map(({ version }) => version)), collections };
}

function isSame(before: Snapshot["collections"], after: Snapshot["collections"]): boolean {
  if (before.size !== after.size) return false;
  for (const [type, collection] of after) if (before.get(type) !== collection) return false;
  return true;
}
