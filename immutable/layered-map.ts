// An immutable map of names for reducers: a large base that versions of it share and a small layer of changes on top, so
// that one change among thousands of names copies a few entries and not all of them.

/** An immutable map from names; a layer entry of `undefined` hides the base's. */
export interface LayeredMap<V> {
  readonly base: ReadonlyMap<string, V>;
  readonly layer: ReadonlyMap<string, V | undefined>;
  readonly size: number;
}

/** A layered map that starts as the given one, which must not change any more. */
export function layeredMap<V>(base: ReadonlyMap<string, V> = new Map()): LayeredMap<V> {
  return { base, layer: new Map(), size: base.size };
}

export function lookUp<V>(map: LayeredMap<V>, name: string): V | undefined {
  if (map.layer.size === 0) return map.base.get(name);
  return map.layer.has(name) ? map.layer.get(name) : map.base.get(name);
}

export function holds(map: LayeredMap<unknown>, name: string): boolean {
  return lookUp(map, name) !== undefined;
}

/** The names in the map, in no particular order. */
export function* namesIn(map: LayeredMap<unknown>): Generator<string> {
  for (const name of map.base.keys()) if (!map.layer.has(name)) yield name;
  for (const [name, value] of map.layer) if (value !== undefined) yield name;
}

/** The map with some entries set, or removed where the value is `undefined`; the map itself if it has them so. */
export function withEntries<V>(
  map: LayeredMap<V>,
  entries: Iterable<readonly [string, V | undefined]>,
): LayeredMap<V> {
  let layer: Map<string, V | undefined> | undefined;
  let size = map.size;
  for (const [name, value] of entries) {
    const above = layer ?? map.layer;
    const before = above.has(name) ? above.get(name) : map.base.get(name);
    if (before === value) continue;
    layer ??= new Map(map.layer);
    layer.set(name, value);
    if (before === undefined) size++;
    if (value === undefined) size--;
  }
  if (!layer) return map;
  if (size === 0) return layeredMap();
  if (map.base.size === 0 && size === layer.size)
    return { base: layer as Map<string, V>, layer: new Map(), size };
  // Every change copies the layer, and few copy the base.
  return layer.size > Math.max(64, Math.sqrt(2 * map.base.size))
    ? merged(map.base, layer)
    : { base: map.base, layer, size };
}

/** The same map as a layer on another base. */
export function rebased<V>(map: LayeredMap<V>, base: ReadonlyMap<string, V>): LayeredMap<V> {
  const layer = new Map<string, V | undefined>();
  for (const name of base.keys()) if (!holds(map, name)) layer.set(name, undefined);
  for (const name of namesIn(map)) {
    const value = lookUp(map, name);
    if (base.get(name) !== value) layer.set(name, value);
  }
  return { base, layer, size: map.size };
}

function merged<V>(base: ReadonlyMap<string, V>, layer: ReadonlyMap<string, V | undefined>): LayeredMap<V> {
  const joined = new Map(base);
  for (const [name, value] of layer) {
    if (value === undefined) joined.delete(name);
    else joined.set(name, value);
  }
  return layeredMap(joined);
}
