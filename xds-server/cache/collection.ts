// The resources of one type, immutable, and the names in which two such collections differ. A collection can lie on top of
// another one, so that a thousand proxies that differ in one listener share all the rest. Knows no client.

import { joinedVersion, replacedVersion } from "./hash.ts";
import { replacedResources } from "./replaced-resources.ts";
import type { ServedResource } from "./resource.ts";

/** All resources of one type by name, in order of name. The same collection object means the same content. */
export interface Collection {
  /** The same for the same content, however it came about. */
  readonly version: string;
  readonly resources: ReadonlyMap<string, ServedResource>;
  /** What it is made of, if it lies on another one. */
  readonly layers?: Layers;
}

interface Layers {
  readonly base: Collection;
  /** Hides what the base has under the same name. In order of name. */
  readonly own: ReadonlyMap<string, ServedResource>;
  /** The list that `own` was made of. */
  readonly members: readonly ServedResource[];
}

/** The collection of a type that has no resources. */
export const emptyCollection: Collection = { version: joinedVersion([]), resources: new Map() };

/**
 * Throws when two resources share a name: the compiler promises that they do not. Gives back `previous` where its members
 * are the same objects.
 */
export function createCollection(members: readonly ServedResource[], previous?: Collection): Collection {
  const same =
    previous?.layers === undefined &&
    previous?.resources.size === members.length &&
    members.every((member) => previous.resources.get(member.name) === member);
  if (previous && same) return previous;
  return { version: joinedVersion(members.map(({ version }) => version)), resources: byName(members) };
}

/**
 * A collection that has these members, whatever it had under their names, and nothing under the names that are `gone`; it must not lie
 * on another one. Where members only take the place of others it costs what is replaced, and so does comparing the two.
 */
export function changeMembers(
  before: Collection,
  members: readonly ServedResource[],
  gone: readonly string[] = [],
): Collection {
  const changed = members.filter((member) => before.resources.get(member.name) !== member);
  const old = [...changed.map(({ name }) => name), ...gone].map((name) => before.resources.get(name));
  if (old.length === 0) return before;
  const version = replacedVersion(
    before.version,
    old.flatMap((member) => member?.version ?? []),
    changed.map((member) => member.version),
  );
  const sameNames = gone.length === 0 && !old.includes(undefined);
  const resources = sameNames
    ? replacedResources(before.resources, changed)
    : mergedResources(before.resources, changed, new Set(gone));
  const after: Collection = { version, resources };
  const differing = changed.filter((member, index) => member.version !== old[index]?.version);
  const names = [...differing.map(({ name }) => name), ...gone];
  comparedFrom(before).set(after, names);
  origins.set(after, { before: new WeakRef(before), names, sameNames });
  const endpoints = needed.get(before);
  const sameReferences =
    sameNames &&
    changed.every(({ references }, index) => references.endpoints === old[index]?.references.endpoints);
  if (endpoints && sameReferences) needed.set(after, endpoints);
  return after;
}

/** In order of name. */
function mergedResources(
  before: Collection["resources"],
  changed: readonly ServedResource[],
  gone: ReadonlySet<string>,
): Collection["resources"] {
  const others = new Map(sorted(changed).map((member) => [member.name, member]));
  const merged = new Map<string, ServedResource>();
  for (const [name, member] of layeredResources(before, others))
    if (!gone.has(name)) merged.set(name, member);
  return merged;
}

/** The collection in which members were changed, and the names of those that came, went or have another version now. */
export interface CollectionOrigin {
  readonly before: Collection;
  readonly names: readonly string[];
  /** None came or went. */
  readonly sameNames: boolean;
}

type Ancestry = Omit<CollectionOrigin, "before"> & { readonly before: WeakRef<Collection> };

const origins = new WeakMap<Collection, Ancestry>();

/** What `changeMembers` made it of; undefined where it was made otherwise, or nobody has the earlier one any more. */
export function originOf(collection: Collection): CollectionOrigin | undefined {
  const known = origins.get(collection);
  const before = known?.before.deref();
  return known && before && { ...known, before };
}

/** A collection with resources of its own on top of another one; the other one itself where there are none. */
export function layCollection(
  base: Collection,
  members: readonly ServedResource[],
  previous?: Collection,
): Collection {
  if (members.length === 0) return base;
  const layers = previous?.layers;
  const same =
    layers?.base === base &&
    (layers.members === members ||
      (layers.own.size === members.length &&
        members.every((member) => layers.own.get(member.name) === member)));
  if (previous && same) return previous;
  const own = layers?.members === members ? layers.own : byName(members);
  const version = joinedVersion([base.version, ...members.map((member) => member.version)]);
  return { version, resources: layeredResources(base.resources, own), layers: { base, own, members } };
}

function byName(members: readonly ServedResource[]): ReadonlyMap<string, ServedResource> {
  const resources = new Map<string, ServedResource>();
  for (const member of sorted(members)) {
    const { name, typeUrl } = member;
    if (resources.has(name)) throw new Error(`two resources of ${typeUrl} are named ${name}`);
    resources.set(name, member);
  }
  return resources;
}

function sorted(members: readonly ServedResource[]): readonly ServedResource[] {
  return members.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** A map seen through another one that lies on it. Both are in order of name, and so is the whole. */
function layeredResources<V>(
  base: ReadonlyMap<string, V>,
  own: ReadonlyMap<string, V>,
): ReadonlyMap<string, V> {
  let size = base.size;
  for (const name of own.keys()) if (!base.has(name)) size++;
  function* entries(): Generator<[string, V], undefined> {
    const above = own.entries();
    let next = above.next();
    for (const [name, value] of base) {
      for (; !next.done && next.value[0] < name; next = above.next()) yield next.value;
      if (!own.has(name)) yield [name, value];
    }
    for (; !next.done; next = above.next()) yield next.value;
  }
  function* keys(): Generator<string, undefined> {
    for (const [name] of entries()) yield name;
  }
  function* values(): Generator<V, undefined> {
    for (const [, value] of entries()) yield value;
  }
  const map: ReadonlyMap<string, V> = {
    size,
    get: (name) => own.get(name) ?? base.get(name),
    has: (name) => own.has(name) || base.has(name),
    forEach: (visit) => {
      for (const [name, value] of entries()) visit(value, name, map);
    },
    entries,
    keys,
    values,
    [Symbol.iterator]: entries,
  };
  return map;
}

const members = new WeakMap<Collection, readonly ServedResource[]>();
/** Of one client's own collection: not for longer than somebody has the list. */
const ownMembers = new WeakMap<Collection, WeakRef<readonly ServedResource[]>>();
const parts = new WeakMap<readonly ServedResource[], readonly (readonly ServedResource[])[]>();

/**
 * All resources, the same list as long as it is the same collection. In order of name; of a collection that hides nothing of the
 * one it lies on, the other's before its own.
 */
export function membersOf(collection: Collection): readonly ServedResource[] {
  const known = members.get(collection) ?? ownMembers.get(collection)?.deref();
  if (known) return known;
  const made = listMembers(collection);
  if (collection.layers) ownMembers.set(collection, new WeakRef(made));
  else members.set(collection, made);
  return made;
}

function listMembers({ layers, resources }: Collection): readonly ServedResource[] {
  const hidesNothing = layers && resources.size === layers.base.resources.size + layers.own.size;
  return hidesNothing ? joined([membersOf(layers.base), [...layers.own.values()]]) : [...resources.values()];
}

function joined(lists: readonly (readonly ServedResource[])[]): readonly ServedResource[] {
  const list = lists.flat();
  parts.set(list, lists);
  return list;
}

/** The lists that a list of `membersOf` was put together from, one after the other: what many clients share is one of them. */
export function partsOf(list: readonly ServedResource[]): readonly (readonly ServedResource[])[] {
  return parts.get(list) ?? [list];
}

const compared = new WeakMap<Collection, WeakMap<Collection, readonly string[]>>();

/** The names added, changed or gone between two collections. Memoized, since many clients make the same step. */
export function changedNames(before: Collection, after: Collection): readonly string[] {
  if (before === after) return [];
  const fromBefore = comparedFrom(before);
  const known = fromBefore.get(after);
  if (known) return known;
  const names = compare(before, after);
  fromBefore.set(after, names);
  return names;
}

function comparedFrom(before: Collection): WeakMap<Collection, readonly string[]> {
  return compared.getOrInsertComputed(before, () => new WeakMap());
}

function compare(before: Collection, after: Collection): readonly string[] {
  const differs = (name: string) =>
    before.resources.get(name)?.version !== after.resources.get(name)?.version;
  if (before.layers || after.layers) {
    // What the bases have in common can differ only where a layer hides it.
    const below = changedNames(before.layers?.base ?? before, after.layers?.base ?? after);
    const above = [...(before.layers?.own.keys() ?? []), ...(after.layers?.own.keys() ?? [])];
    return [...new Set([...below, ...above])].filter(differs);
  }
  const names: string[] = [];
  for (const name of after.resources.keys()) if (differs(name)) names.push(name);
  for (const name of before.resources.keys()) if (!after.resources.has(name)) names.push(name);
  return names;
}

const needed = new WeakMap<Collection, ReadonlySet<string>>();

/** The load assignments that a collection of clusters subscribes to. Memoized. */
export function endpointsNeeded(clusters: Collection): ReadonlySet<string> {
  const known = needed.get(clusters);
  if (known) return known;
  const names = findEndpointsNeeded(clusters);
  needed.set(clusters, names);
  return names;
}

function findEndpointsNeeded({ resources, layers }: Collection): ReadonlySet<string> {
  const [above, hides] = layers
    ? [layers.own, [...layers.own.keys()].some((name) => layers.base.resources.has(name))]
    : [resources, true];
  const names = new Set<string>();
  for (const { references } of (hides ? resources : above).values()) {
    if (references.endpoints !== undefined) names.add(references.endpoints);
  }
  if (!layers || hides) return names;
  const below = endpointsNeeded(layers.base);
  return names.size === 0 ? below : below.union(names);
}
