import test from "ava";
import { faultOfFormat } from "./format-commands.ts";

test("what Envoy accepts is accepted", (t) => {
  for (const text of [
    "",
    "plain",
    "100%%",
    "%REQ(:path?x):10%",
    "%START_TIME(%Y-%m)%",
    "%START_TIME()% %PATH(WQ):9%",
    "a %PROTOCOL% b%% %PROTOCOL()%",
    `%CEL(f(a) == "b")%`,
    "%CEL(int(int('3'))+(1+(2)) > 1)%",
    `%UPSTREAM_METADATA(["a", "b"])%`,
  ]) {
    t.is(faultOfFormat(text, "header"), undefined, text);
    t.is(faultOfFormat(text, "access-log"), undefined, text);
  }
});

test("what Envoy refuses is refused, with the reason", (t) => {
  for (const [text, reason] of [
    ["100%", /begins no command/],
    ["%req(x)%", /begins no command/],
    ["%REQ(x", /begins no command/],
    ["%PROTOCOL%%", /begins no command/],
    ["%START_TIME(%Y(%s)%)%", /begins no command/],
    ["%NOPE%", /no command NOPE/],
    ["%REQ%", /needs the name of a header/],
    ["%REQ()%", /needs the name of a header/],
    ["%REQ(a b)%", /"a b" is not the name of a header/],
    ["%RESP(a?b?c)%", /two of them with a "\?" between/],
    ["%CEL%", /needs an argument/],
    ["%PROTOCOL(x)%", /PROTOCOL takes no argument/],
    ["%PROTOCOL:5%", /PROTOCOL takes no length/],
    ["%START_TIME:5%", /START_TIME takes no length/],
  ] as const) {
    t.regex(faultOfFormat(text, "header") ?? "", reason, text);
    t.regex(faultOfFormat(text, "access-log") ?? "", reason, text);
  }
});

test("a few commands exist in one place only", (t) => {
  t.is(faultOfFormat("%REQ_WITHOUT_QUERY(:PATH):20%", "access-log"), undefined);
  t.regex(faultOfFormat("%REQ_WITHOUT_QUERY(:PATH)%", "header") ?? "", /for headers/);
  t.is(faultOfFormat("%PER_REQUEST_STATE(x)%", "header"), undefined);
  t.regex(faultOfFormat("%PER_REQUEST_STATE(x)%", "access-log") ?? "", /for access logs/);
});
