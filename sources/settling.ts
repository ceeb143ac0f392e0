// When a change is whole. In: what was seen of each file, what was known of it, and times. Out: how long to wait. Pure: the caller has the
// clock. The numbers are the trade between the first reaction and never acting on half a change.
import type { Observation } from "./read-text.ts";

/** The wait after the last notification, in ms, when one file was touched; each further file adds one, up to `longestQuiet`. */
export const shortestQuiet = 5;
/** The same where each file was moved into its place: nobody is writing to it any more, and all that may come is a further file. */
export const quietAfterMoves = 2;
/** A checkout of thousands of files pauses now and then without being over. */
export const longestQuiet = 100;
/** However restless the files are, what is settled is delivered this many ms after the first notification. */
export const ceiling = 3000;

/**
 * Why an observation is not believed at once, and for how many ms it must stay the same until it is. Whatever takes something
 * away can wait: nobody is in a hurry for it, and a writer that is interrupted in the middle takes everything away.
 * - `shortened`: smaller than it was, or without the line end it had, but it ends as it did: most likely whole.
 * - `cut`: smaller than it was, and it ends otherwise. A writer may be at work, or waiting for its share of a busy machine.
 * - `missing`: about to be renamed over, moved or written again.
 * - `unreadable`: a link ahead of its target, or permissions about to be set.
 * - `empty`: truncated and about to be written. Where a text was before, it is never believed: see `Ledger.commit`.
 */
export const doubts = { shortened: 15, cut: 300, missing: 500, unreadable: 250, empty: 250 } as const;

/** What is remembered of a text, to judge the next one. */
export interface KnownText {
  readonly hash: string;
  readonly length: number;
  readonly endsLine: boolean;
  /** Its last characters. */
  readonly tail: string;
  /** As in an observation. */
  readonly file?: string;
}

const tailLength = 40;

/** The quiet period in ms for a change that touches `count` files, all of which were moved into their places or not. */
export function quietFor(count: number, allMoved = false): number {
  const first = allMoved ? quietAfterMoves : shortestQuiet;
  return Math.min(longestQuiet, first + Math.max(0, count - 1));
}

/** How many ms an observation must stay the same before it is believed; 0 to believe it at once. */
export function doubtOf(observation: Observation, known: KnownText | undefined): number {
  switch (observation.kind) {
    case "missing":
      return doubts.missing;
    case "unreadable":
      return doubts.unreadable;
    case "moving":
      return doubts.shortened;
    case "text": {
      if (observation.hash === known?.hash) return 0;
      if (observation.text === "") return doubts.empty;
      // Another file in this place, moved there when it was written: whoever saves so never shows half of it.
      if (observation.moved && known && observation.file !== known.file) return 0;
      const next = summarize(observation);
      const shortened = known && (next.length < known.length || (known.endsLine && !next.endsLine));
      if (!shortened) return 0;
      return next.tail === known.tail ? doubts.shortened : doubts.cut;
    }
  }
}

/** Whether the text is another one, up to its end. */
export function endsOtherwise(observation: ObservedText, known: KnownText): boolean {
  return observation.hash !== known.hash && summarize(observation).tail !== known.tail;
}

type ObservedText = Extract<Observation, { kind: "text" }>;

/** What to remember of a text. */
export function summarize({ text, hash, file }: ObservedText): KnownText {
  return {
    hash,
    length: text.length,
    endsLine: text.endsWith("\n"),
    tail: text.slice(-tailLength),
    ...(file !== undefined && { file }),
  };
}
