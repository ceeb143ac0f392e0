// What somebody still has, by name. In: values under names. Out: those of a name that are still there, the newest first. Remembering
// them keeps nobody alive, and names of which nothing is left are forgotten in time.

/** Several values for each name; of more than `most` the oldest are forgotten. */
export class Living<V extends object> {
  readonly #most: number;
  readonly #byName = new Map<string, readonly WeakRef<V>[]>();
  /** With so many names it is time to look which are still needed. */
  #many = 64;

  constructor(most = 1) {
    this.#most = most;
  }

  /** How many names are remembered: at most twice as many as there were values at the last look. */
  get size(): number {
    return this.#byName.size;
  }

  named(name: string): readonly V[] {
    return livingAmong(this.#byName.get(name) ?? []);
  }

  /** Comes first from now on; `instead` is not remembered any more. */
  put(name: string, value: V, instead?: V): void {
    const others = this.named(name).filter((each) => each !== value && each !== instead);
    this.#byName.set(name, [weakly(value), ...others.slice(0, this.#most - 1).map(weakly)]);
    if (this.#byName.size > this.#many) this.#sweep();
  }

  #sweep(): void {
    for (const [name, references] of this.#byName) {
      if (livingAmong(references).length === 0) this.#byName.delete(name);
    }
    this.#many = Math.max(64, 2 * this.#byName.size);
  }
}

function livingAmong<V extends object>(references: readonly WeakRef<V>[]): readonly V[] {
  return references.map((reference) => reference.deref()).filter((value) => value !== undefined);
}

const references = new WeakMap<object, WeakRef<object>>();

/** One for all who remember it: the collector looks at each. */
function weakly<V extends object>(value: V): WeakRef<V> {
  return references.getOrInsertComputed(value, () => new WeakRef(value)) as WeakRef<V>;
}
