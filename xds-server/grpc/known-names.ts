// Names that come in the same bytes again: proxies of one kind ask for the same thousands, in order of name. In: where a run of names
// may begin. Out: the list of an earlier client, the same object for all of them, without a string being made.

/** Names one after the other in a request, tags and lengths included. */
export interface KnownRun {
  readonly bytes: Buffer;
  readonly names: readonly string[];
}

/** Shorter runs are read as quickly as they are found. */
const leastBytes = 4096;
/** So many kinds of proxies; each may take as much as a request may be long. */
const mostRuns = 16;

export class KnownNames {
  /** Those met last come first. */
  #runs: readonly KnownRun[] = [];
  readonly #tag: number;

  /** `tag`: the byte with which each name of a run begins. */
  constructor(tag: number) {
    this.#tag = tag;
  }

  /** The run that stands at this place and is over where it ends. */
  at(source: Buffer, from: number): KnownRun | undefined {
    const found = this.#runs.find(({ bytes }) => {
      const to = from + bytes.length;
      return to <= source.length && source[to] !== this.#tag && bytes.compare(source, from, to) === 0;
    });
    if (found && found !== this.#runs[0])
      this.#runs = [found, ...this.#runs.filter((each) => each !== found)];
    return found;
  }

  /** The run from here to there is these names. */
  remember(source: Buffer, from: number, to: number, names: readonly string[]): void {
    if (to - from < leastBytes) return;
    // A copy: a view would keep all that came with it.
    this.#runs = [{ bytes: Buffer.from(source.subarray(from, to)), names }, ...this.#runs].slice(0, mostRuns);
  }
}
