// Collects notifications until somebody looks. In: folder entries that may have changed, with times. Out: them all, and when they have been
// quiet for long enough. Reads nothing; every entry in it is a suspicion.
import { ceiling, quietFor } from "./settling.ts";

/**
 * What a notification is of: a file that may be half written, one that was moved into its place, or something that matters only because
 * of where it is.
 */
export type Noted = "written" | "moved" | "beside";

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
  /** Not all that is not told yet was moved into its place. */
  #written = false;
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

  /** Notes an entry. Files prolong the quiet period; what is beside them only starts it. */
  note(folder: string, entry: string, noted: Noted, now: number): void {
    const entries = this.#entries.get(folder) ?? new Set();
    this.#entries.set(folder, entries);
    if (!entries.has(entry)) this.#count += 1;
    entries.add(entry);
    this.#touch(noted, now);
  }

  /** Notes that anything may have changed. */
  noteEverything(now: number): void {
    this.#everything = true;
    this.#touch("written", now);
  }

  /** The ms to wait until it has been quiet long enough, with `waiting` files seen and not told; not positive when that is so, or when the ceiling is reached. */
  restlessFor(waiting: number, now: number): number {
    const quietAt = this.#last + quietFor(this.#count + waiting, !this.#written);
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
    if (this.#first === undefined) this.#written = false;
  }

  #ceilingAt(): number {
    return this.#first === undefined ? Number.POSITIVE_INFINITY : this.#first + ceiling;
  }

  #touch(noted: Noted, now: number): void {
    if (noted !== "beside" || this.#first === undefined) this.#last = now;
    if (noted === "written") this.#written = true;
    this.#first ??= now;
  }
}
