import test from "ava";
import { faultOfFormat } from "./format-commands.ts";

test("what Envoy accepts is accepted", (t) => {
  for (const text of [
    "",
    "plain",
    "100%%",
    "%REQ(:path?x):10%",
    "%START_TIME(%Y-%m)%",
    "a %PROTOCOL% b%%",
    `%CEL(f(a) == "b")%`,
  ]) {
    t.is(faultOfFormat(text), undefined, text);
  }
});

test("what Envoy refuses is refused, with the reason", (t) => {
  for (const [text, reason] of [
    ["100%", /begins no command/],
    ["%req(x)%", /begins no command/],
    ["%REQ(x", /begins no command/],
    ["%PROTOCOL%%", /begins no command/],
    ["%NOPE%", /no command NOPE/],
    ["%REQ%", /needs an argument/],
  ] as const) {
    t.regex(faultOfFormat(text) ?? "", reason, text);
  }
});
