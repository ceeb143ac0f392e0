// The one clock that all processes of a benchmark share: CLOCK_MONOTONIC counts the same in each of them.

/** Milliseconds with fractions, since the machine started. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
