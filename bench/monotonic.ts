// The one clock that all processes of a benchmark share: CLOCK_MONOTONIC counts the same in each of them.

/** Milliseconds with fractions, since the machine started. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** What this process's own `performance.now()` said, on that clock: for moments of which there are many and hardly one is asked for. */
export function monotonicAt(performanceMs: number): number {
  return monotonicMs() - (performance.now() - performanceMs);
}
