// Collects notifications until somebody looks. In: folder entries that may have changed, with times. Out: them all, and when they have been
// quiet for long enough. Reads nothing; every entry in it is a suspicion.
import { ceiling, quietFor } from "./settling.ts";

/** Suspicions since the last `take`. */
export interface TakenHints {
  /** Real path of a folder → its entries. */
  readonly entries: ReadonlyMap<string, ReadonlySet<string>>;
  /** Whether the whole tree must be looked at. */
  readonly everything: boolean;
}

/** The collected notifications of one source. */
export class Hints {
  #entries = new Map<string, Set<string>>();
  #count = 0;
  #everything = false;
  #first: number | undefined;
  #last = 0;

  /** When the first notification came of what is not told yet; undefined when there is none. */
  get since(): number | undefined {
    return this.#first;
  }

  /** Whether anything was noted since the last `take`. */
  get pending(): boolean {
    return this.#everything || this.#count > 0;
  }

  /** Notes an entry. `restless` entries prolong the quiet period; others only start it. */
  note(folder: string, entry: string, restless: boolean, now: number): void {
    const entries = this.#entries.get(folder) ?? new Set();
    this.#entries.set(folder, entries);
    if (!entries.has(entry)) this.#count += 1;
    entries.add(entry);
    this.#touch(restless, now);
  }

  /** Notes that anything may have changed. */
  noteEverything(now: number): void {
    this.#everything = true;
    this.#touch(true, now);
  }

  /** The ms to wait until it has been quiet long enough, with `waiting` files seen and not told; not positive when that is so, or when the ceiling is reached. */
  restlessFor(waiting: number, now: number): number {
    const quietAt = this.#last + quietFor(this.#count + waiting);
    return Math.min(quietAt, this.#ceilingAt()) - now;
  }

  /** Whether the first notification is so old that what can be told must be told. */
  overdue(now: number): boolean {
    return now >= this.#ceilingAt();
  }

  /** Hands over what was noted. The time of the first notification stays until `told`. */
  take(): TakenHints {
    const taken = { entries: this.#entries, everything: this.#everything };
    this.#entries = new Map();
    this.#count = 0;
    this.#everything = false;
    return taken;
  }

  /** Says that what was taken has been told: the next ceiling counts from `now` if something is left, else from the next notification. */
  told(left: boolean, now: number): void {
    this.#first = left || this.pending ? now : undefined;
  }

  #ceilingAt(): number {
    return this.#first === undefined ? Number.POSITIVE_INFINITY : this.#first + ceiling;
  }

  #touch(restless: boolean, now: number): void {
    if (restless || this.#first === undefined) this.#last = now;
    this.#first ??= now;
  }
}
