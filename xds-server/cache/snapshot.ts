// A set of resources for one kind of proxy, immutable, and the names in which two such sets differ. What has not changed
// is shared between snapshots, so that comparing them costs what changed. Knows no client.

import { contentVersion } from "./hash.ts";
import { type EmittedResource, encodeResource, type ServedResource } from "./resource.ts";

/** All resources of one type by name, in order of name. The same collection object means the same content. */
export interface Collection {
  readonly version: string;
  readonly resources: ReadonlyMap<string, ServedResource>;
}

/** Everything a proxy should have. `id` is a hash: equal content has an equal id on every replica. */
export interface Snapshot {
  readonly id: string;
  readonly collections: ReadonlyMap<string, Collection>;
}

/** The collection of a type that has no resources. */
export const emptyCollection: Collection = { version: contentVersion(""), resources: new Map() };

/**
 * Builds a snapshot; collections equal to those of `previous` are taken over from it.
 * Throws when two resources share a type and name: the compiler promises that they do not.
 */
export function createSnapshot(resources: Iterable<ServedResource>, previous?: Snapshot): Snapshot {
  const byType = new Map<string, ServedResource[]>();
  for (const resource of resources) {
    const sameType = byType.get(resource.typeUrl);
    if (sameType) sameType.push(resource);
    else byType.set(resource.typeUrl, [resource]);
  }
  const collections = new Map<string, Collection>();
  for (const [typeUrl, members] of [...byType].sort(byKey)) {
    collections.set(typeUrl, createCollection(typeUrl, members, previous?.collections.get(typeUrl)));
  }
  const versions = [...collections].map(([typeUrl, { version }]) => `${typeUrl} ${version}\n`);
  const id = contentVersion(versions.join(""));
  const unchanged =
    previous?.id === id && [...collections].every(([type, made]) => previous.collections.get(type) === made);
  return previous && unchanged ? previous : { id, collections };
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

function createCollection(typeUrl: string, members: ServedResource[], previous?: Collection): Collection {
  members.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const same =
    previous?.resources.size === members.length &&
    members.every((member) => previous.resources.get(member.name) === member);
  if (previous && same) return previous;
  const resources = new Map<string, ServedResource>();
  for (const member of members) {
    if (resources.has(member.name)) throw new Error(`two resources of ${typeUrl} are named ${member.name}`);
    resources.set(member.name, member);
  }
  const version = contentVersion(members.map((member) => `${member.name} ${member.version}\n`).join(""));
  return { version, resources };
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const compared = new WeakMap<Collection, WeakMap<Collection, readonly string[]>>();

/** The names added, changed or gone between two collections. Memoized, since many clients make the same step. */
export function changedNames(before: Collection, after: Collection): readonly string[] {
  if (before === after) return [];
  const fromBefore = compared.get(before) ?? new WeakMap<Collection, readonly string[]>();
  compared.set(before, fromBefore);
  const known = fromBefore.get(after);
  if (known) return known;
  const names: string[] = [];
  for (const [name, { version }] of after.resources) {
    if (before.resources.get(name)?.version !== version) names.push(name);
  }
  for (const name of before.resources.keys()) if (!after.resources.has(name)) names.push(name);
  fromBefore.set(after, names);
  return names;
}

const needed = new WeakMap<Collection, ReadonlySet<string>>();

/** The load assignments that a collection of clusters subscribes to. Memoized. */
export function endpointsNeeded(clusters: Collection): ReadonlySet<string> {
  const known = needed.get(clusters);
  if (known) return known;
  const names = new Set<string>();
  for (const { references } of clusters.resources.values()) {
    if (references.endpoints !== undefined) names.add(references.endpoints);
  }
  needed.set(clusters, names);
  return names;
}
