// Which files took the place of another in one step, by the notifications alone. In: what was notified of, place by place. Out: whether
// what is in a place now can only have been moved there. Pure: reads no file, and has to be told when all that it noted is dealt with.

/**
 * A place that held one file and now holds another was notified of once if the other was moved over the one, and at least twice if
 * the one was removed and the other created, and may be half written. That no "change" has come would not tell them apart: Linux
 * tells of a write when it is over, and some of its bytes could be read 20 ms earlier (10 MB in one call). Of a removal, a creation and
 * a truncation it tells before any byte can be written.
 */
export class Replacements {
  /** Place → whether all it was notified of, since the last `settle`, is one replacement. */
  readonly #places = new Map<string, boolean>();
  #trusted = false;

  /** Notes that the entry at `path` was created, removed or replaced (`rename`), or that the file there was written to (`change`). */
  note(path: string, event: "rename" | "change"): void {
    if (event === "rename") this.#places.set(path, !this.#places.has(path));
    else if (this.#places.has(path)) this.#places.set(path, false);
  }

  /** Notifications may have been missed: nothing is known until the next `settle`. */
  distrust(): void {
    this.#trusted = false;
  }

  /** Everything noted so far has been looked at and told: what is noted from now on happens to what is known. */
  settle(): void {
    this.#places.clear();
    this.#trusted = true;
  }

  /** Whether the file at `path`, provided that it is not the known one, was moved there and not written to since. */
  isMovedTo(path: string): boolean {
    return this.#trusted && this.#places.get(path) === true;
  }
}
