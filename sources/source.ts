// What every source of policy looks like from outside: named texts, their changes, and what is wrong with them. Knows nothing of
// where the texts come from, nor what they mean.

/** One text of policy as it is now. */
export interface SourceText {
  /** The path as the user would write it: relative to the current directory when below it. Used in diagnostics. */
  readonly name: string;
  /** The content, without a byte order mark. */
  readonly text: string;
  /** SHA-256 of the bytes, in hexadecimal: equal hashes mean equal texts. */
  readonly hash?: string;
}

/** What became different at one moment. A file that moved is in both lists, so that what it says never disappears between two changes. */
export interface SourceChange {
  /** New and changed texts, sorted by name. */
  readonly upserted: readonly SourceText[];
  /** Names whose texts are gone, sorted. */
  readonly removed: readonly string[];
  /** When the first notification of it came: milliseconds since the Unix epoch, with fractions. */
  readonly noticedAt: number;
  /** When the last of these texts was read: milliseconds since the Unix epoch, with fractions. */
  readonly readAt: number;
}

/** A text or folder that cannot be read. Its last good texts stay valid; the rest of the source goes on. */
export interface SourceProblem {
  readonly name: string;
  /** What is wrong and, where it helps, what to do; does not repeat the name. */
  readonly message: string;
}

/** A living set of named texts. */
export interface Source {
  /**
   * Begins with what `start` would begin with, for those who have something else to do meanwhile. Resolves when that can go on
   * without this thread for a while, and never rejects: what goes wrong is for `start` to say.
   */
  begin(): Promise<void>;
  /**
   * Reads everything once and resolves with all texts, sorted by name; from then on reports changes until closed. May be called once.
   * `onProblem` hears of each problem once, `onRecovered` its name when it is over, also when the text is what it was before.
   */
  start(
    onChange: (change: SourceChange) => void,
    onProblem: (problem: SourceProblem) => void,
    onRecovered?: (name: string) => void,
  ): Promise<readonly SourceText[]>;
  /** Stops watching; no callback runs after it is called. Resolves when nothing is open any more. */
  close(): Promise<void>;
}
