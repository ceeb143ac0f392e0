// In: the lines of a TAP stream. Out: how many tests passed, failed and were skipped. Pure.

/** Counts of tests; to-dos count as skipped. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Nothing counted yet. */
export const EMPTY_TALLY: Tally = { passed: 0, failed: 0, skipped: 0 };

/** `tally` with `line` counted if it is a test's result; results of subtests are indented and are not counted. */
export function addTapLine(tally: Tally, line: string): Tally {
  const result = /^(not )?ok \d+(?: .*)?$/.exec(line);
  if (result === null) return tally;
  if (/ # (skip|todo)\b/i.test(line)) return { ...tally, skipped: tally.skipped + 1 };
  if (result[1] !== undefined) return { ...tally, failed: tally.failed + 1 };
  return { ...tally, passed: tally.passed + 1 };
}

/** `N passed, N failed`, and `, N skipped` if there were any. */
export function printTally({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;
}
