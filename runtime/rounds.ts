// Brings everybody up to date a few at a time. In: a change, those it may concern, and how to bring one up to date. The first one
// at once; the others in rounds, between which the answers that have come in are heard. So a change that one proxy tries first is
// mostly answered for by the time that the others' turn comes, and nobody's request waits until all are done.

export interface Rounds<C> {
  /** Everybody is to be brought up to date. `changedAt` goes along, in ms since 1970. */
  begin(changedAt: number): void;
  /** Whoever waits has a turn now. */
  finish(): void;
  /** Whether somebody waits. */
  isRunning(): boolean;
  /** Not this one any more. */
  forget(one: C): void;
}

export interface RoundsOptions<C> {
  everybody(): Iterable<C>;
  /** With the newest there is: whoever waits while more changes has one turn. Must not throw. */
  bring(one: C, changedAt: number): void;
  /** Default setImmediate: once what has come in is heard. */
  readonly later?: (turn: () => void) => void;
}

/** Enough for a round to be worth it, few enough for answers not to wait. */
const roundSize = 16;

export function createRounds<C>({ everybody, bring, later = setImmediate }: RoundsOptions<C>): Rounds<C> {
  /** Those whose turn is to come, in that order, each with the first change that it has not been brought. */
  const waiting = new Map<C, number>();
  let running = false;

  const turn = (count: number): void => {
    let left = count;
    for (const [one, changedAt] of waiting) {
      if (left === 0) break;
      left -= 1;
      waiting.delete(one);
      bring(one, changedAt);
    }
  };

  const goOn = (): void => {
    turn(roundSize);
    running = waiting.size > 0;
    if (running) later(goOn);
  };

  return {
    begin: (changedAt) => {
      for (const one of everybody()) if (!waiting.has(one)) waiting.set(one, changedAt);
      if (running) return;
      turn(1);
      running = waiting.size > 0;
      if (running) later(goOn);
    },
    finish: () => turn(waiting.size),
    isRunning: () => waiting.size > 0,
    forget: (one) => void waiting.delete(one),
  };
}
