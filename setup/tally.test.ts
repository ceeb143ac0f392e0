import test from "ava";
import { addTapLine, EMPTY_TALLY, printTally } from "./tally.ts";

const count = (lines: readonly string[]) => printTally(lines.reduce(addTapLine, EMPTY_TALLY));

test("counts results, not plans, diagnostics or subtests", (t) => {
  const stream = [
    "TAP version 13",
    "ok 1 - a › b",
    "not ok 2 - c",
    "  ---",
    "  ok 9 - inner",
    "ok 3 - # of hosts",
    "1..3",
  ];
  t.is(count(stream), "2 passed, 1 failed");
});

test("counts skips and to-dos apart, a to-do that is not ok included", (t) => {
  t.is(count(["ok 1 - a # SKIP", "not ok 2 - later # TODO", "ok 3 - b"]), "1 passed, 0 failed, 2 skipped");
});
