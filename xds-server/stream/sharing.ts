// Saves memory: what thousands of clients hold is mostly the same, so that their maps of names and versions are put on bases
// that all clients of a collection share. In: a session's type that is in sync. Out: the same, differently laid out.

import { type LayeredMap, rebased } from "#immutable";
import type { Collection } from "../cache/collection.ts";
import type { TypeState } from "./type-state.ts";

type Base<V> = ReadonlyMap<string, V>;

const versions = new WeakMap<Collection, Base<string>>();
const names = new WeakMap<Collection, Base<true>>();
/** Bases that are shared, and such of one client's own that are too different from any. */
const done = new WeakSet<Base<unknown>>();

/** A smaller map is not worth it. */
const minSize = 32;

/** The type on shared bases, where it differs little from what its collection has. */
export function withSharedMaps(type: TypeState, collection: Collection): TypeState {
  const below = collection.layers?.base ?? collection;
  const held = onBase(type.held, below, versionsOf);
  const subscribed = onBase(type.subscription.names, below, namesOf);
  if (held === type.held && subscribed === type.subscription.names) return type;
  return { ...type, held, subscription: { ...type.subscription, names: subscribed } };
}

function onBase<V>(
  map: LayeredMap<V>,
  collection: Collection,
  baseOf: (collection: Collection) => Base<V>,
): LayeredMap<V> {
  if (map.size < minSize || done.has(map.base)) return map;
  const base = baseOf(collection);
  const moved = rebased(map, base);
  const isWorthIt = moved.layer.size <= base.size / 8;
  done.add(isWorthIt ? base : map.base);
  return isWorthIt ? moved : map;
}

function versionsOf(collection: Collection): Base<string> {
  const known = versions.get(collection);
  if (known) return known;
  const made = new Map([...collection.resources].map(([name, { version }]) => [name, version]));
  versions.set(collection, made);
  return made;
}

function namesOf(collection: Collection): Base<true> {
  const known = names.get(collection);
  if (known) return known;
  const made = new Map([...collection.resources.keys()].map((name) => [name, true as const]));
  names.set(collection, made);
  return made;
}
