// Saves memory and time: what thousands of clients hold is mostly the same, so that they share the maps of names and versions by
// which that is remembered. In: what a client holds or is sent. Out: the same, as a map that others have too.

import { type LayeredMap, layeredMap, namesIn, rebased, withEntries } from "#immutable";
import { unknownVersion } from "../cache/client-diff.ts";
import { type Collection, type CollectionOrigin, membersOf, originOf } from "../cache/collection.ts";
import type { ServedResource } from "../cache/resource.ts";
import { tableOf } from "../cache/resource-types.ts";
import { type TypeState, withMembers, withoutMembers } from "./type-state.ts";

const versions = new WeakMap<Collection, LayeredMap<string>>();
const wholes = new WeakMap<Collection, Whole>();
/** Bases that are shared, and such of one client's own that are too different from any. */
const done = new WeakSet<ReadonlyMap<string, unknown>>();

/** Name → version of everything in a collection: what whoever has all of it holds, one map for them all. */
export function versionsIn(collection: Collection): LayeredMap<string> {
  const known = versions.get(collection);
  if (known) return known;
  const { layers } = collection;
  const made = layers
    ? withEntries(versionsIn(layers.base), versionsOf([...layers.own.values()]))
    : versionsAfter(collection);
  versions.set(collection, made);
  done.add(made.base);
  return made;
}

function versionsAfter(collection: Collection): LayeredMap<string> {
  const origin = originOf(collection);
  const before = origin && versions.get(origin.before);
  return before
    ? withEntries(
        before,
        origin.names.map((name) => [name, collection.resources.get(name)?.version] as const),
      )
    : layeredMap(new Map(versionsOf(membersOf(collection))));
}

/** What there is in a collection, for all who ask for it by name. */
export interface Whole {
  readonly names: LayeredMap<true>;
  readonly list: readonly string[];
  /** Where in the list a name is. */
  readonly places: ReadonlyMap<string, number>;
  /** Lists of clients that were found to be these names. */
  readonly asked: WeakSet<readonly string[]>;
}

function wholeOf(collection: Collection): Whole {
  const known = wholes.get(collection);
  if (known) return known;
  const origin = originOf(collection);
  const before = origin && wholes.get(origin.before);
  const made = before ? wholeAfter(before, origin, collection) : newWhole(membersOf(collection));
  wholes.set(collection, made);
  done.add(made.names.base);
  return made;
}

function wholeAfter(before: Whole, { sameNames, names }: CollectionOrigin, collection: Collection): Whole {
  if (sameNames) return before;
  const entries = names.map((name) => [name, collection.resources.has(name) || undefined] as const);
  return newWhole(membersOf(collection), withEntries(before.names, entries));
}

/** `names` are those of the members, where somebody has them already. */
function newWhole(members: readonly ServedResource[], names?: LayeredMap<true>): Whole {
  const list = members.map(({ name }) => name);
  return {
    names: names ?? layeredMap(new Map(list.map((name) => [name, true]))),
    list,
    places: new Map(list.map((name, place) => [name, place])),
    asked: new WeakSet(),
  };
}

/** The names of everything in a collection, as whoever asks for all of them by name is subscribed to them. */
export function namesOf(collection: Collection): LayeredMap<true> {
  return wholeOf(collection).names;
}

const unknown = new WeakMap<LayeredMap<true>, LayeredMap<string>>();

/** Each of the names with a version of which nothing is known: what whoever comes back with all of them holds. */
export function unknownVersionsOf(names: LayeredMap<true>): LayeredMap<string> {
  return unknown.getOrInsertComputed(names, () =>
    layeredMap(new Map(Array.from(namesIn(names), (name) => [name, unknownVersion]))),
  );
}

/** Whether that is what `unknownVersionsOf` gives for the names of everything in the collection. */
export function isAllOfUnknown(held: LayeredMap<string>, collection: Collection): boolean {
  const names = wholes.get(collection)?.names;
  return names !== undefined && held === unknown.get(names);
}

/** All there is in a collection that others have in common, if these names are that: each once, in whatever order. */
export function askedAsWhole(asked: readonly string[], collection: Collection): Whole | undefined {
  if (collection.layers || !isSameSize(asked, collection)) return undefined;
  const whole = wholeOf(collection);
  if (whole.asked.has(asked)) return whole;
  if (!isListOf(whole, asked)) return undefined;
  whole.asked.add(asked);
  return whole;
}

function isListOf({ list, places }: Whole, asked: readonly string[]): boolean {
  // Envoy asks in order of name, which spares looking up each of what it says.
  if (asked.every((name, at) => name === list[at])) return true;
  const seen = new Uint8Array(asked.length);
  for (const name of asked) {
    const place = places.get(name);
    if (place === undefined || seen[place] === 1) return false;
    seen[place] = 1;
  }
  return true;
}

const sets = new WeakMap<Collection, ReadonlySet<string>>();
/** Of one client's own collection: not for longer than it is due something. */
const ownSets = new WeakMap<Collection, WeakRef<ReadonlySet<string>>>();
const tables = new WeakMap<ReadonlySet<string>, ReadonlySet<string>>();

/** The names of everything in a collection: one set for all clients that are due all of it. */
export function everyName(collection: Collection): ReadonlySet<string> {
  const known = sets.get(collection) ?? ownSets.get(collection)?.deref();
  if (known) return known;
  const made = namesWith(collection);
  if (collection.layers) ownSets.set(collection, new WeakRef(made));
  else sets.set(collection, made);
  return made;
}

function namesWith(collection: Collection): ReadonlySet<string> {
  const { layers } = collection;
  // A set as a whole is copied at a fraction of what it costs to put its names in one by one.
  if (layers) return everyName(layers.base).union(layers.own);
  const origin = originOf(collection);
  const before = origin?.sameNames && sets.get(origin.before);
  return before || new Set(membersOf(collection).map(({ name }) => name));
}

/** The route tables to which virtual hosts belong. */
export function tablesIn(hosts: Collection): ReadonlySet<string> {
  const names = everyName(hosts);
  return tables.getOrInsertComputed(names, () => new Set([...names].map(tableOf)));
}

/** The set with more members, which is `everyName` where it comes to that. */
export function withNames(
  set: ReadonlySet<string>,
  more: readonly string[],
  collection: Collection,
): ReadonlySet<string> {
  const isAll = () =>
    more === wholes.get(collection)?.list || more.every((name) => collection.resources.has(name));
  return set.size === 0 && isSameSize(more, collection) && isAll()
    ? everyName(collection)
    : withMembers(set, more);
}

/** Some names, and as many as the collection has. */
function isSameSize(names: readonly string[], { resources }: Collection): boolean {
  return names.length > 0 && names.length === resources.size;
}

/** The set without some members, at once where that is everything. */
export function withoutNames(
  set: ReadonlySet<string>,
  gone: readonly ServedResource[],
  collection: Collection,
): ReadonlySet<string> {
  if (set.size === 0) return set;
  const isAll = isEveryName(set, collection) && gone === membersOf(collection);
  return isAll
    ? nothing
    : withoutMembers(
        set,
        gone.map(({ name }) => name),
      );
}

const nothing: ReadonlySet<string> = new Set();

/** Whether the set is `everyName`. */
export function isEveryName(set: ReadonlySet<string>, collection: Collection): boolean {
  return set.size > 0 && set.size === collection.resources.size && set === everyName(collection);
}

function versionsOf(resources: readonly ServedResource[]): readonly (readonly [string, string])[] {
  return resources.map(({ name, version }) => [name, version] as const);
}

/** What a client holds once it has been sent this of the collection: the shared map where it has all of it then. */
export function heldAfter(
  held: LayeredMap<string>,
  collection: Collection,
  resources: readonly ServedResource[],
  removed: readonly string[],
): LayeredMap<string> {
  const all = removed.length === 0 && resources.length > 0;
  if (all && (isRest(held, collection, resources) || isWhole(held, collection, resources))) {
    return versionsIn(collection);
  }
  return withEntries(held, [...versionsOf(resources), ...removed.map((name) => [name, undefined] as const)]);
}

/** The client had all of the collection before, and is sent what is other in this one: all of that. */
function isRest(held: LayeredMap<string>, collection: Collection, sent: readonly ServedResource[]): boolean {
  const origin = originOf(collection);
  if (!origin || held !== versions.get(origin.before) || sent.length !== origin.names.length) return false;
  const open = new Set(origin.names);
  return sent.every((each) => open.delete(each.name) && collection.resources.get(each.name) === each);
}

/** It is sent everything, and has nothing else. */
function isWhole(held: LayeredMap<string>, collection: Collection, sent: readonly ServedResource[]): boolean {
  if (sent.length !== collection.resources.size || sent !== membersOf(collection)) return false;
  if (held.size === 0 || isAllOfUnknown(held, collection)) return true;
  for (const name of namesIn(held)) if (!collection.resources.has(name)) return false;
  return true;
}

/** The type, which is in sync, on shared maps, where it differs little from what its collection has. */
export function withSharedMaps(type: TypeState, collection: Collection): TypeState {
  const below = collection.layers?.base ?? collection;
  const held = shared(type.held, below, versionsIn);
  const subscribed = shared(type.subscription.names, below, namesOf);
  if (held === type.held && subscribed === type.subscription.names) return type;
  return { ...type, held, subscription: { ...type.subscription, names: subscribed } };
}

function shared<V>(
  map: LayeredMap<V>,
  collection: Collection,
  everythingIn: (collection: Collection) => LayeredMap<V>,
): LayeredMap<V> {
  if (map.size === 0) return map;
  const isEqual = map.size === collection.resources.size;
  if (!isEqual && done.has(map.base)) return map;
  const all = everythingIn(collection);
  if (map === all) return map;
  if (isEqual && map.base === all.base && hasSame(map, all)) return all;
  const moved = rebased(map, all.base);
  if (isEqual && hasSame(moved, all)) return all;
  if (done.has(map.base)) return map;
  const isWorthIt = moved.layer.size <= all.base.size / 8;
  if (!isWorthIt) done.add(map.base);
  return isWorthIt ? moved : map;
}

/** Of two on the same base. */
function hasSame<V>(map: LayeredMap<V>, all: LayeredMap<V>): boolean {
  if (map.layer.size !== all.layer.size) return false;
  for (const [name, value] of map.layer) if (all.layer.get(name) !== value) return false;
  return true;
}
