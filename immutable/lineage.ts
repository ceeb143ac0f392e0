// Lists that know which list they came from. A list in which a few items were replaced remembers where, so that whatever was
// made of the earlier list, item by item, is made anew for those few only. What is remembered is bound to the lists, and goes
// with them.

/** What became of an earlier list: the same length, other items at these places, which are in ascending order. */
export interface Lineage<T> {
  readonly before: readonly T[];
  readonly places: readonly number[];
}

interface Ancestry {
  readonly before: WeakRef<readonly unknown[]>;
  readonly places: readonly number[];
}

const ancestry = new WeakMap<readonly unknown[], Ancestry>();
// Weakly, or a list that somebody keeps would keep all that ever came after it.
const successors = new WeakMap<readonly unknown[], WeakRef<readonly unknown[]>>();

/**
 * The list with other items at some places; the list itself where none is another object. The same replacements give the
 * same list, as long as nothing else was made of the earlier one in between.
 */
export function replaceItems<T>(list: readonly T[], items: ReadonlyMap<number, T>): readonly T[] {
  const places = [...items.keys()].filter((place) => list[place] !== items.get(place)).sort((a, b) => a - b);
  if (places.length === 0) return list;
  const known = successors.get(list)?.deref() as readonly T[] | undefined;
  if (known && isSame(known, items, places)) return known;
  const after = list.slice();
  for (const place of places) after[place] = items.get(place) as T;
  ancestry.set(after, { before: new WeakRef(list), places });
  successors.set(list, new WeakRef(after));
  return after;
}

function isSame<T>(known: readonly T[], items: ReadonlyMap<number, T>, places: readonly number[]): boolean {
  const changed = ancestry.get(known)?.places ?? [];
  return changed.length === places.length && places.every((place) => known[place] === items.get(place));
}

/** How the list came about; undefined where it was made as a whole, or nobody has the earlier one any more. */
export function changesOf<T>(list: readonly T[]): Lineage<T> | undefined {
  const known = ancestry.get(list);
  const before = known?.before.deref() as readonly T[] | undefined;
  return known && before && { before, places: known.places };
}

// Weakly, as above.
const origins = new WeakMap<readonly unknown[], WeakRef<readonly unknown[]>>();

/**
 * The list, which has most items of an earlier one, at whatever places: where its lineage cannot say what became of each item, what
 * was made of them is still found by the items themselves.
 */
export function rearranged<T>(before: readonly T[], list: readonly T[]): readonly T[] {
  origins.set(list, new WeakRef(before));
  return list;
}

/** What `rearranged` says that the list came from; undefined where nobody has that any more. */
export function arrangedFrom<T>(list: readonly T[]): readonly T[] | undefined {
  return origins.get(list)?.deref() as readonly T[] | undefined;
}

/** What a list has that the one it came from had not, and the other way round: what was replaced is on both sides. */
export interface Difference<T> {
  readonly before: readonly T[];
  readonly come: readonly T[];
  readonly gone: readonly T[];
}

/** Undefined where nobody has the earlier list any more. An item that was moved far may be on both sides. */
export function differenceOf<T>(list: readonly T[]): Difference<T> | undefined {
  const changes = changesOf(list);
  if (changes) {
    const at = (items: readonly T[]) => changes.places.map((place) => items[place] as T);
    return { before: changes.before, come: at(list), gone: at(changes.before) };
  }
  const before = arrangedFrom(list);
  if (!before) return undefined;
  const come: T[] = [];
  const gone: T[] = [];
  let next = 0;
  for (const item of list) {
    const place = placeNear(before, item, next);
    if (place < 0) come.push(item);
    else {
      gone.push(...before.slice(next, place));
      next = place + 1;
    }
  }
  return { before, come, gone: [...gone, ...before.slice(next)] };
}

/**
 * A list in the order of `compare`, in which no two items are equal, with some more items, which take the place of those that they
 * are equal to, and without others. Known to come from the list. The same edits give the same list, as in `replaceItems`.
 */
export function editSorted<T extends object>(
  list: readonly T[],
  compare: (a: T, b: T) => number,
  come: readonly T[],
  gone: readonly T[] = [],
): readonly T[] {
  const items = new Map<number, T | undefined>();
  const added: T[] = [];
  for (const item of gone) {
    const place = placeFor(list, compare, item);
    if (isAt(list, compare, item, place)) items.set(place, undefined);
  }
  for (const item of come) {
    const place = placeFor(list, compare, item);
    if (isAt(list, compare, item, place)) items.set(place, item);
    else added.push(item);
  }
  added.sort(compare);
  const replaced = [...items].filter((entry): entry is [number, T] => entry[1] !== undefined);
  if (added.length === 0 && replaced.length === items.size) return replaceItems(list, new Map(replaced));
  const earlier = edits.get(list);
  const known = earlier && isSameEdit(earlier, items, added) ? earlier.after.deref() : undefined;
  if (known) return known as readonly T[];
  const staying = list.map((item, place) => (items.has(place) ? items.get(place) : item));
  const after = merged(
    staying.filter((item) => item !== undefined),
    compare,
    added,
  );
  edits.set(list, { items, added, after: new WeakRef(after) });
  return rearranged(list, after);
}

interface Edit {
  readonly items: ReadonlyMap<number, unknown>;
  readonly added: readonly unknown[];
  readonly after: WeakRef<readonly unknown[]>;
}

/** The last one of each list: everybody who has the list makes it. */
const edits = new WeakMap<readonly unknown[], Edit>();

function isSameEdit(edit: Edit, items: Edit["items"], added: Edit["added"]): boolean {
  return (
    edit.items.size === items.size &&
    edit.added.length === added.length &&
    added.every((item, index) => item === edit.added[index]) &&
    items.entries().every(([place, item]) => edit.items.has(place) && edit.items.get(place) === item)
  );
}

type Compare<T> = (a: T, b: T) => number;

/** Of the first that does not come before the item. */
function placeFor<T>(list: readonly T[], compare: Compare<T>, item: T): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(list[middle] as T, item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isAt<T>(list: readonly T[], compare: Compare<T>, item: T, place: number): boolean {
  return place < list.length && compare(list[place] as T, item) === 0;
}

function merged<T>(list: readonly T[], compare: Compare<T>, added: readonly T[]): readonly T[] {
  const all: T[] = [];
  let next = 0;
  for (const item of list) {
    for (; next < added.length && compare(added[next] as T, item) < 0; next++) all.push(added[next] as T);
    all.push(item);
  }
  return [...all, ...added.slice(next)];
}

/**
 * A pure function of items as a function of lists, once per list: of a list that came from one that was mapped before,
 * the replaced items alone. The result has a lineage like its list.
 */
export function mapItems<T, R>(make: (item: T) => R): (list: readonly T[]) => readonly R[] {
  const made = new WeakMap<readonly T[], readonly R[]>();
  return (list) => {
    const known = made.get(list);
    if (known) return known;
    const changes = changesOf(list);
    const before = changes && made.get(changes.before);
    const mapped =
      changes && before
        ? replaceItems(before, new Map(changes.places.map((place) => [place, make(list[place] as T)])))
        : (mapRearranged(list, made, make) ?? list.map((item) => make(item)));
    made.set(list, mapped);
    return mapped;
  };
}

function mapRearranged<T, R>(
  list: readonly T[],
  made: WeakMap<readonly T[], readonly R[]>,
  make: (item: T) => R,
): readonly R[] | undefined {
  const before = arrangedFrom(list);
  const mapped = before && made.get(before);
  if (!before || !mapped) return undefined;
  let next = 0;
  const after = list.map((item) => {
    const place = placeNear(before, item, next);
    if (place < 0) return make(item);
    next = place + 1;
    return mapped[place] as R;
  });
  return rearranged(mapped, after);
}

/** So many items in a row may be gone until those behind them are made again. */
const mostGone = 64;

/** Where an item is from some place on, if not far from it: lists keep the order of what they have in common. */
function placeNear<T>(list: readonly T[], item: T, from: number): number {
  const end = Math.min(list.length, from + mostGone);
  for (let place = from; place < end; place++) if (list[place] === item) return place;
  return -1;
}

/**
 * A test of items as a filter of lists, once per list. The result has a lineage like its list, as long as the same places pass;
 * it is the list itself where all do.
 */
export function filterItems<T>(passes: (item: T) => boolean): (list: readonly T[]) => readonly T[] {
  const verdictsOf = mapItems(passes);
  const made = new WeakMap<readonly T[], readonly T[]>();
  const filter = (list: readonly T[]): readonly T[] => {
    const verdicts = verdictsOf(list);
    const changes = changesOf(list);
    const before = changes && made.get(changes.before);
    if (changes && before && verdictsOf(changes.before) === verdicts) {
      const passing = changes.places.filter((place) => verdicts[place]);
      return replaceItems(before, new Map(passing.map((place) => [rank(verdicts, place), list[place] as T])));
    }
    const filtered = list.filter((_, place) => verdicts[place]);
    if (filtered.length === list.length) return list;
    const origin = arrangedFrom(list);
    const earlier = origin && made.get(origin);
    return earlier ? rearranged(earlier, filtered) : filtered;
  };
  return (list) => made.getOrInsertComputed(list, filter);
}

/**
 * Where the items are that have a key, of which an item may have several. The same index for a list that came from another one and
 * whose items have the keys of those that they replaced.
 */
export function placesByKeys<T>(
  keysOf: (item: T) => readonly string[],
): (list: readonly T[]) => ReadonlyMap<string, readonly number[]> {
  // As texts, which are compared by what they say.
  const textsOf = mapItems((item: T) => JSON.stringify(keysOf(item)));
  const known = new WeakMap<readonly string[], ReadonlyMap<string, readonly number[]>>();
  return (list) => known.getOrInsertComputed(textsOf(list), indexOf);
}

function indexOf(texts: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (const [place, text] of texts.entries()) {
    const keys: readonly string[] = JSON.parse(text);
    for (const key of new Set(keys)) places.getOrInsertComputed(key, () => []).push(place);
  }
  return places;
}

/** A list apart by a key of its items. */
export interface Groups<T> {
  /** In the order of their first items. */
  readonly keys: readonly string[];
  /** Of each key the items, in their order. */
  readonly lists: readonly (readonly T[])[];
}

/**
 * A list's items in groups, once per list: of a list that came from one that was grouped before, and has its keys at their
 * places, only the groups of the replaced items are made anew, and the list of groups has a lineage.
 */
export function groupItems<T>(key: (item: T) => string): (list: readonly T[]) => Groups<T> {
  const keysOf = mapItems(key);
  const placesOf = new WeakMap<readonly string[], ReadonlyMap<string, readonly number[]>>();
  const made = new WeakMap<readonly T[], Groups<T>>();
  const group = (list: readonly T[]): Groups<T> => {
    const keyOf = keysOf(list);
    const places = placesOf.getOrInsertComputed(keyOf, () =>
      Map.groupBy(keyOf.keys(), (place) => keyOf[place] as string),
    );
    const itemsAt = (at: readonly number[]) => at.map((place) => list[place] as T);
    const changes = changesOf(list);
    const before = changes && made.get(changes.before);
    if (!changes || !before || keysOf(changes.before) !== keyOf) {
      const lists = [...places.values()].map(itemsAt);
      const origin = arrangedFrom(list);
      const earlier = origin && made.get(origin);
      return {
        keys: [...places.keys()],
        lists: earlier ? keepGroups(earlier, [...places.keys()], lists) : lists,
      };
    }
    const { keys, lists } = before;
    const changed = new Set(changes.places.map((place) => keyOf[place]));
    const groups = keys.flatMap((each, index) =>
      changed.has(each) ? [[index, itemsAt(places.get(each) ?? [])] as const] : [],
    );
    return { keys, lists: replaceItems(lists, new Map(groups)) };
  };
  return (list) => made.getOrInsertComputed(list, group);
}

/** Groups that have the items that they had are the lists that they were. */
function keepGroups<T>(
  before: Groups<T>,
  keys: readonly string[],
  lists: Groups<T>["lists"],
): Groups<T>["lists"] {
  const known = new Map(before.keys.map((key, index) => [key, before.lists[index] ?? []]));
  const kept = lists.map((list, index) => {
    const earlier = known.get(keys[index] ?? "");
    const isSame = earlier?.length === list.length && list.every((item, place) => item === earlier[place]);
    return isSame ? earlier : list;
  });
  return rearranged(before.lists, kept);
}

/** How many pass before this place. */
function rank(verdicts: readonly boolean[], place: number): number {
  let passed = 0;
  for (let before = 0; before < place; before++) if (verdicts[before]) passed++;
  return passed;
}

const joined = new WeakMap<readonly (readonly unknown[])[], readonly unknown[]>();

/** Several lists as one, with a lineage where the list of lists has one. */
export function joinLists<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const known = joined.get(lists) as readonly T[] | undefined;
  if (known) return known;
  const made = joinedAfter(lists) ?? joinedAnew(lists);
  joined.set(lists, made);
  return made as readonly T[];
}

function joinedAnew<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const before = changesOf(lists)?.before ?? arrangedFrom(lists);
  const earlier = before && (joined.get(before) as readonly T[] | undefined);
  return earlier ? rearranged(earlier, lists.flat()) : lists.flat();
}

function joinedAfter<T>(lists: readonly (readonly T[])[]): readonly T[] | undefined {
  const changes = changesOf(lists);
  const before = changes && (joined.get(changes.before) as readonly T[] | undefined);
  if (!changes || !before) return undefined;
  const items = new Map<number, T>();
  let offset = 0;
  let next = 0;
  for (const [index, list] of changes.before.entries()) {
    if (index === changes.places[next]) {
      next++;
      const now = lists[index] ?? [];
      const inner = changesOf(now);
      if (!inner || inner.before !== list) return undefined;
      for (const place of inner.places) items.set(offset + place, now[place] as T);
    }
    offset += list.length;
  }
  return replaceItems(before, items);
}

/**
 * Where each item is, by a key that no two items share. Made once for a list and all that came from it: what takes an item's
 * place has to have its key.
 */
export function placesBy<T>(key: (item: T) => string): (list: readonly T[]) => ReadonlyMap<string, number> {
  const known = new WeakMap<readonly T[], ReadonlyMap<string, number>>();
  return (list) =>
    known.getOrInsertComputed(list, () => {
      const before = changesOf(list)?.before;
      return (before && known.get(before)) ?? new Map(list.map((item, place) => [key(item), place] as const));
    });
}
