// A set of resources for one kind of proxy, immutable. What has not changed is shared between snapshots, and what proxies
// have in common is shared between them, so that comparing two costs what differs. Knows no client.

import { type Collection, createCollection, emptyCollection, layCollection } from "./collection.ts";
import { joinedVersion } from "./hash.ts";
import { type EmittedResource, encodeResource, type ServedResource } from "./resource.ts";

export {
  type Collection,
  changedNames,
  createCollection,
  emptyCollection,
  endpointsNeeded,
  membersOf,
  replaceMembers,
} from "./collection.ts";

/** Everything a proxy should have. `id` is a hash: content made in the same way has an equal id on every replica. */
export interface Snapshot {
  readonly id: string;
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
  return snapshotOf(collections, undefined, previous);
}

/** A snapshot of collections that are already made, by type URL. */
export function joinCollections(collections: ReadonlyMap<string, Collection>, previous?: Snapshot): Snapshot {
  return snapshotOf(collections, undefined, previous);
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
  const collections = new Map(base.collections);
  for (const [typeUrl, members] of byTypeOnce(resources)) {
    const below = base.collections.get(typeUrl) ?? emptyCollection;
    collections.set(typeUrl, layCollection(below, members, previous?.collections.get(typeUrl)));
  }
  return snapshotOf(collections, base, previous);
}

/** The snapshot of what the compiler emitted for a proxy. */
export function encodeSnapshot(emitted: Iterable<EmittedResource>, previous?: Snapshot): Snapshot {
  const resources: ServedResource[] = [];
  for (const each of emitted) resources.push(encodeResource(each));
  return createSnapshot(resources, previous);
}

/** The resources of one type; a type without any is the empty collection. */
export function collectionOf(snapshot: Snapshot | undefined, typeUrl: string): Collection {
  return snapshot?.collections.get(typeUrl) ?? emptyCollection;
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

const grouped = new WeakMap<readonly ServedResource[], ReturnType<typeof byType>>();

/** A client's own resources are mostly the same list as before. */
function byTypeOnce(resources: readonly ServedResource[]): ReturnType<typeof byType> {
  const known = grouped.get(resources) ?? byType(resources);
  grouped.set(resources, known);
  return known;
}

function snapshotOf(
  collections: ReadonlyMap<string, Collection>,
  base: Snapshot | undefined,
  previous: Snapshot | undefined,
): Snapshot {
  const unchanged =
    previous?.base === base &&
    previous?.collections.size === collections.size &&
    [...collections].every(([type, made]) => previous.collections.get(type) === made);
  if (previous && unchanged) return previous;
  const id = joinedVersion([...collections.values()].map(({ version }) => version));
  return { id, collections, ...(base && { base }) };
}
