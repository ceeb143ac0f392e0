import test from "ava";
import { routeMatch } from "./route-match.ts";
import { match } from "./route-plan-builder.ts";

test("no match is every request", (t) => {
  t.deepEqual(routeMatch(undefined).pathSpecifier, { case: "prefix", value: "/" });
  t.deepEqual(routeMatch(match({})).pathSpecifier, { case: "prefix", value: "/" });
  t.is(routeMatch(match({})).caseSensitive, undefined);
});

test("paths", (t) => {
  const path = (type: "exact" | "prefix" | "path-prefix" | "regex", value: string) =>
    routeMatch(match({ path: { type, value } })).pathSpecifier;
  t.deepEqual(path("exact", "/a"), { case: "path", value: "/a" });
  t.deepEqual(path("prefix", "/a/"), { case: "prefix", value: "/a/" });
  t.deepEqual(path("path-prefix", "/a"), { case: "pathSeparatedPrefix", value: "/a" });
  t.deepEqual(path("path-prefix", "/a/"), { case: "pathSeparatedPrefix", value: "/a" });
  t.deepEqual(path("path-prefix", "/"), { case: "prefix", value: "/" });
  const regex = path("regex", "/v[0-9]+");
  t.is(regex.case === "safeRegex" && regex.value.regex, "/v[0-9]+");
});

test("case is ignored only on demand", (t) => {
  t.false(routeMatch(match({ path: { type: "prefix", value: "/a" }, ignoreCase: true })).caseSensitive);
});

test("scheme, method and authority are headers of their own", (t) => {
  const { headers } = routeMatch(
    match({
      method: { type: "exact", value: "GET" },
      authority: { type: "prefix", value: "a." },
      scheme: { type: "exact", value: "https" },
      headers: [{ name: "end-user", match: { type: "present" }, invert: false }],
    }),
  );
  t.deepEqual(
    headers.map(({ name }) => name),
    [":authority", ":method", ":scheme", "end-user"],
  );
});

test("an unwanted value lets a request without the header pass", (t) => {
  const [matcher] = routeMatch(
    match({ headers: [{ name: "canary", match: { type: "exact", value: "yes" }, invert: true }] }),
  ).headers;
  t.true(matcher?.invertMatch);
  t.true(matcher?.treatMissingHeaderAsEmpty);
});

test("an unwanted header is one that must not be there", (t) => {
  const [matcher] = routeMatch(
    match({ headers: [{ name: "canary", match: { type: "present" }, invert: true }] }),
  ).headers;
  t.deepEqual(matcher?.headerMatchSpecifier, { case: "presentMatch", value: true });
  t.true(matcher?.invertMatch);
  t.false(matcher?.treatMissingHeaderAsEmpty);
});

test("headers and query parameters go out by name, whatever order they came in", (t) => {
  const named = (names: readonly string[]) =>
    names.map((name) => ({ name, match: { type: "present" } as const }));
  const emitted = routeMatch(
    match({
      headers: named(["b", "a"]).map((header) => ({ ...header, invert: false })),
      query: named(["q", "p"]),
    }),
  );
  t.deepEqual(
    emitted.headers.map(({ name }) => name),
    ["a", "b"],
  );
  t.deepEqual(
    emitted.queryParameters.map(({ name }) => name),
    ["p", "q"],
  );
  t.deepEqual(emitted.queryParameters[0]?.queryParameterMatchSpecifier, {
    case: "presentMatch",
    value: true,
  });
});
