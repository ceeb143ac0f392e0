// Remembering pure functions by the identity of their arguments, so that unchanged inputs give the very same object:
// that is what lets one changed endpoint cost one load assignment instead of a mesh.

type Primitive = string | number | boolean | undefined | null;

/** Maps are made when first needed: most nodes have one child, by one kind of key, and the collector counts each. */
interface Node<R> {
  byObject?: WeakMap<object, Node<R>>;
  byPrimitive?: Map<Primitive, Node<R>>;
  result?: { readonly value: R };
}

function child<R>(node: Node<R>, key: unknown): Node<R> {
  if (typeof key === "object" && key !== null) {
    node.byObject ??= new WeakMap();
    const known = node.byObject.get(key);
    if (known) return known;
    const made: Node<R> = {};
    node.byObject.set(key, made);
    return made;
  }
  node.byPrimitive ??= new Map();
  const known = node.byPrimitive.get(key as Primitive);
  if (known) return known;
  const made: Node<R> = {};
  node.byPrimitive.set(key as Primitive, made);
  return made;
}

/**
 * The same function, computed once for each tuple of arguments. Objects are compared by identity and held weakly, so
 * give the object first that goes away first. `compute` must be pure and its arguments immutable.
 */
export function memoizeByIdentity<A extends readonly (object | Primitive)[], R>(
  compute: (...args: A) => R,
): (...args: A) => R {
  const root: Node<R> = {};
  return (...args: A): R => {
    let node = root;
    for (const arg of args) node = child(node, arg);
    if (!node.result) node.result = { value: compute(...args) };
    return node.result.value;
  };
}

/**
 * Gives back the list of an earlier call when its elements are the same objects in the same order, so that lists built
 * anew can be arguments of a memoized function. A list is known as long as somebody has it, and what was made of it with it.
 */
export function internLists<T extends object>(): (list: readonly T[]) => readonly T[] {
  const known = new Map<string, WeakRef<readonly T[]>>();
  const gone = new FinalizationRegistry((key: string) => {
    if (known.get(key)?.deref() === undefined) known.delete(key);
  });
  const numbers = new WeakMap<T, number>();
  let next = 0;
  const numberOf = (item: T): number => {
    const known = numbers.get(item);
    if (known !== undefined) return known;
    next += 1;
    numbers.set(item, next);
    return next;
  };
  return (list) => {
    const key = list.map(numberOf).join(",");
    const earlier = known.get(key)?.deref();
    if (earlier) return earlier;
    known.set(key, new WeakRef(list));
    gone.register(list, key);
    return list;
  };
}

/**
 * Gives back what was given for the same holder and key before if it is equal, so that what was made anew and came out the
 * same is the same object to whoever remembers by identity. Of each key the last `variants` (default 1) are remembered; of
 * a holder at most `keys`, the oldest being forgotten; and nothing when the holder is gone.
 */
export function keepEqual<H extends object, T>(
  equal: (before: T, now: T) => boolean,
  { variants = 1, keys = Number.POSITIVE_INFINITY } = {},
): (holder: H, key: string, made: T) => T {
  const held = new WeakMap<H, Map<string, T[]>>();
  return (holder, key, made) => {
    const ofHolder = held.get(holder) ?? new Map<string, T[]>();
    const known = ofHolder.get(key) ?? [];
    for (const before of known) if (equal(before, made)) return before;
    known.unshift(made);
    if (known.length > variants) known.pop();
    if (ofHolder.size >= keys && !ofHolder.has(key)) {
      ofHolder.delete(ofHolder.keys().next().value as string);
    }
    held.set(holder, ofHolder.set(key, known));
    return made;
  };
}

/** The same objects in the same order. */
export function sameItems<T>(before: readonly T[], now: readonly T[]): boolean {
  return (
    before === now || (before.length === now.length && before.every((item, index) => item === now[index]))
  );
}

/** Whether two trees of plain objects, lists and values are the same; anything else only if it is the same object. */
export function sameTree(before: unknown, now: unknown): boolean {
  if (Object.is(before, now)) return true;
  if (Array.isArray(before) && Array.isArray(now)) {
    return before.length === now.length && before.every((item, index) => sameTree(item, now[index]));
  }
  if (!isPlain(before) || !isPlain(now)) return false;
  const keys = Object.keys(before);
  return (
    keys.length === Object.keys(now).length &&
    keys.every((key) => Object.hasOwn(now, key) && sameTree(before[key], now[key]))
  );
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
