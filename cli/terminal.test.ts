import test from "ava";
import { wantsColor } from "./terminal.ts";

test("colours are for terminals", (t) => {
  t.true(wantsColor({}, true));
  t.false(wantsColor({}, false));
  t.false(wantsColor({ TERM: "dumb" }, true));
});

test("NO_COLOR turns them off, unless it is empty", (t) => {
  t.false(wantsColor({ NO_COLOR: "1" }, true));
  t.true(wantsColor({ NO_COLOR: "" }, true));
});

test("FORCE_COLOR wins over everything else", (t) => {
  t.true(wantsColor({ FORCE_COLOR: "1", NO_COLOR: "1", TERM: "dumb" }, false));
  t.false(wantsColor({ FORCE_COLOR: "0" }, true));
});
