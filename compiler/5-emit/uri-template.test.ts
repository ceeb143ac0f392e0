import test from "ava";
import { findTemplateFlaw } from "./uri-template.ts";

// Each of these was loaded by Envoy 1.40 in validate mode.
for (const template of [
  "/",
  "/a",
  "/a/",
  "/a/*",
  "/a/*/b",
  "/*/**",
  "/**/a",
  "/**/",
  "/**.txt",
  "/*.txt",
  "/x/**/y*",
  "/a=b/*",
  "/%zz/*",
  "/{x}/*",
  "/{x=*}",
  "/{x=a/*/b}/c",
  "/*/{a=**}",
  "/{a}b",
  "/{a123456789012345}/x",
]) {
  test(`accepts ${template}`, (t) => t.is(findTemplateFlaw(template), undefined));
}

// Each of these made Envoy 1.40 abort, or was over its length limit.
for (const [template, reason] of [
  ["a/*", /begin with/],
  ["/a b/*", /printable/],
  ["/é/*", /printable/],
  ["//", /empty segment/],
  ["/a//*", /empty segment/],
  ["/a//", /empty segment/],
  ["/**/*", /last wildcard/],
  ["/**/{x}", /last wildcard/],
  ["/{x=**}/*", /last wildcard/],
  ["/*a/b", /only end the template/],
  ["/**a/b", /only end the template/],
  ["/{a}b/c", /only end the template/],
  ["/[a]/*", /cannot have/],
  ["/*/x?y", /cannot have/],
  ["/*/x#y", /cannot have/],
  ["/a{b", /cannot have/],
  ["/*{a}", /cannot have/],
  ["/{a", /no `}`/],
  ["/{_a}/x", /not a variable name/],
  ["/{*}", /not a variable name/],
  ["/{a}/{a}", /twice/],
  ["/{a1234567890123456}/x", /too long/],
  ["/{a}/{b}/{c}/{d}/{e}/{f}", /more than 5/],
  ["/{a=}", /invalid segment/],
  ["/{a=b/}", /invalid segment/],
  [`/*/${"a".repeat(256)}`, /longer than 256/],
] as const) {
  test(`refuses ${template.slice(0, 30)}`, (t) => t.regex(findTemplateFlaw(template) ?? "accepted", reason));
}
