// Time and chance as arguments. Out: the four sources that the authority reads instead of global ones, and their real
// versions, which only the composition root picks.

import { randomBytes } from "node:crypto";

/** Milliseconds since the epoch, now. */
export type Clock = () => number;

/** Unpredictable bytes, as many as asked for. */
export type Entropy = (length: number) => Uint8Array;

/** Calls back once after so many milliseconds; the result cancels it. */
export type Timers = (callback: () => void, delayMs: number) => () => void;

/** The machine's clock. */
export const systemClock: Clock = () => Date.now();

/** The operating system's generator. */
export const systemEntropy: Entropy = (length) => randomBytes(length);

/** The event loop's timers; they do not keep the process alive. */
export const systemTimers: Timers = (callback, delayMs) => {
  const timer = setTimeout(callback, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
};
