import test from "ava";
import fc from "fast-check";
import { parseDuration } from "./duration.ts";

test("durations are read as Go writes them", (t) => {
  for (const [text, ms] of [
    ["5s", 5000],
    ["0.1s", 100],
    ["1h30m", 5_400_000],
    ["1.5s", 1500],
    ["250ms", 250],
    ["0", 0],
    ["-1s", -1000],
    ["1us", 0.001],
    ["0.000001s", 0.001],
    [".5s", 500],
    ["2.s", 2000],
  ] as const) {
    t.is(parseDuration(text), ms, text);
  }
});

test("other texts are no durations", (t) => {
  for (const text of ["", "5", "1d", "s", "5 s", "1s2", "five", "1e3s", "+", "1S", "--1s"]) {
    t.is(parseDuration(text), undefined, text);
  }
});

test("whole milliseconds stay whole, in whatever unit they are written", (t) => {
  fc.assert(
    fc.property(fc.nat({ max: 10_000_000 }), (ms) => {
      t.is(parseDuration(`${ms / 1000}s`), ms);
      t.is(parseDuration(`${ms}ms`), ms);
    }),
  );
});
