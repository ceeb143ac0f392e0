import test from "ava";
import { createColors } from "picocolors";
import { bar, cutTo, duration, percent, wrap } from "./text.ts";

const colors = createColors(true);

test("cutting counts what is seen, and ends colours", (t) => {
  t.is(cutTo("abcdef", 4), "abcd");
  t.is(cutTo("abc", 4), "abc");
  t.is(cutTo(colors.red("abc"), 3), colors.red("abc"));
  t.is(cutTo(`${colors.red("abc")}def`, 2), "\u001b[31mab\u001b[0m");
});

test("wrapping counts what is seen, and indents", (t) => {
  t.deepEqual(wrap("one two three", 7, 2), ["one two", "  three"]);
  t.deepEqual(wrap(`${colors.red("one")} two three`, 7, 2), [`${colors.red("one")} two`, "  three"]);
  t.deepEqual(wrap("  one two", 6, 4), ["  one", "    two"]);
  t.deepEqual(wrap("a-long-word b", 5, 1), ["a-long-word", " b"]);
});

test("a small share is seen, none is not", (t) => {
  t.is(bar(0, 10), "");
  t.is(bar(0.001, 10), "▌");
  t.is(bar(0.5, 10), "█████");
  t.is(bar(1, 10), "██████████");
});

test("percentages never round a loss away", (t) => {
  t.is(percent(0, 0), "–");
  t.is(percent(0, 10), "0%");
  t.is(percent(999, 1000), "99%");
  t.is(percent(1, 1000), "<1%");
  t.is(percent(4, 5), "80%");
  t.is(percent(7, 7), "100%");
});

test("durations have as many digits as matter", (t) => {
  t.deepEqual([1.24, 12.6, 999, 1500, undefined].map(duration), ["1.2 ms", "13 ms", "999 ms", "1.5 s", "–"]);
});
