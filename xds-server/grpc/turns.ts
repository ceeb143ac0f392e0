// In what order a server does what it owes its clients. In: who is due, and what for. Out: a turn for each, a few at a time. Between two
// rounds what was written leaves, and what has come in is heard: nobody's message waits until all are done.

/**
 * Most urgent first: clients that waited for a verdict, so that what they are sent has left before others begin to wait; clients that are
 * to be given a change; those whose change another one is trying, who would most likely only wait; acknowledgements that nobody waits for.
 */
const purposes = ["verdict", "change", "follow", "answer"] as const;
export type Purpose = (typeof purposes)[number];

/** Those who are due for the same thing. */
export interface Line<One> {
  /** How many wait. */
  readonly length: number;
  /** Somebody is due for something more urgent. */
  mustWait(): boolean;
  /** These are due; who waits already keeps its place. */
  add(ones: Iterable<One>): void;
  /** So many have their turn now, without waiting for a round. */
  take(count: number): void;
  /** Not this one any more. */
  forget(one: One): void;
}

export interface Turns {
  /** A line for that purpose; of two for the same the older one goes first. `turn` must not throw. */
  line<One>(purpose: Purpose, turn: (one: One) => void): Line<One>;
  /** Everybody who is due has a turn now. */
  finish(): void;
}

/** Enough for a round to be worth it, few enough for messages not to wait; acknowledgements are little work each. */
const roundSizes: Readonly<Record<Purpose, number>> = { verdict: 16, change: 16, follow: 16, answer: 128 };

type AnyLine = Pick<Line<never>, "length" | "take">;

/** `later` default setImmediate: once what was written has left and what has come in is heard. */
export function createTurns(later: (round: () => void) => void = setImmediate): Turns {
  const lines: Readonly<Record<Purpose, AnyLine[]>> = { verdict: [], change: [], follow: [], answer: [] };
  let isScheduled = false;

  const dueFor = (purpose: Purpose): AnyLine | undefined => lines[purpose].find(({ length }) => length > 0);
  const schedule = (): void => {
    if (isScheduled || !purposes.some(dueFor)) return;
    isScheduled = true;
    later(round);
  };
  const round = (): void => {
    isScheduled = false;
    const purpose = purposes.find(dueFor);
    if (purpose) dueFor(purpose)?.take(roundSizes[purpose]);
    schedule();
  };

  return {
    line: (purpose, turn) => {
      const moreUrgent = purposes.slice(0, purposes.indexOf(purpose));
      const line = createLine(turn, schedule, () => moreUrgent.some(dueFor));
      lines[purpose].push(line);
      return line;
    },
    finish: () => {
      for (const purpose of purposes) for (const line of lines[purpose]) line.take(line.length);
    },
  };
}

function createLine<One>(turn: (one: One) => void, onAdded: () => void, mustWait: () => boolean): Line<One> {
  const waiting = new Set<One>();
  return {
    get length() {
      return waiting.size;
    },
    mustWait,
    add: (ones) => {
      for (const one of ones) waiting.add(one);
      onAdded();
    },
    take: (count) => {
      // Whoever is added by a turn is not meant.
      let left = Math.min(count, waiting.size);
      for (const one of waiting) {
        if (left === 0) return;
        left -= 1;
        waiting.delete(one);
        turn(one);
      }
    },
    forget: (one) => void waiting.delete(one),
  };
}
