import test from "ava";
import type { PathMatch } from "../../model/match.ts";
import { pathRewrite } from "./path-rewrite.ts";
import { match } from "./route-plan-builder.ts";

const rewritten = (uri: string, path?: PathMatch, ignoreCase = false) => {
  const { prefixRewrite, regexRewrite } = pathRewrite({ uri }, path && match({ path, ignoreCase }));
  return { prefixRewrite, regex: regexRewrite?.pattern?.regex, substitution: regexRewrite?.substitution };
};

test("a rewrite of the authority alone leaves the path", (t) => {
  t.deepEqual(pathRewrite({ authority: "a" }, undefined), {});
});

test("prefixes of characters, exact paths and expressions are replaced as written", (t) => {
  for (const path of [
    undefined,
    { type: "prefix", value: "/api/" },
    { type: "exact", value: "/api" },
    { type: "regex", value: "/a.*" },
  ] as const) {
    t.is(rewritten("/v2", path).prefixRewrite, "/v2");
  }
});

test("whole segments are replaced without doubling or losing a slash", (t) => {
  t.is(rewritten("/v2/", { type: "path-prefix", value: "/api" }).prefixRewrite, "/v2");
  t.is(rewritten("/v2", { type: "path-prefix", value: "/" }).prefixRewrite, "/v2/");
  t.deepEqual(rewritten("/", { type: "path-prefix", value: "/a.b" }), {
    prefixRewrite: undefined,
    regex: "^/a\\.b(/?)(.*)",
    substitution: "/\\2",
  });
  t.is(rewritten("/", { type: "path-prefix", value: "/a" }, true).regex, "(?i)^/a(/?)(.*)");
  t.is(rewritten("/", { type: "path-prefix", value: "/" }).prefixRewrite, undefined);
});

test("an expression wins over a prefix", (t) => {
  const emitted = pathRewrite(
    { uri: "/x", uriRegex: { pattern: "^/a/(.*)", substitution: "/b/\\1" } },
    undefined,
  );
  t.is(emitted.prefixRewrite, undefined);
  t.is(emitted.regexRewrite?.pattern?.regex, "^/a/(.*)");
  t.is(emitted.regexRewrite?.substitution, "/b/\\1");
});
