import test from "ava";
import { match } from "../routes/route-plan-builder.ts";
import { grpcMatches } from "./route-match.ts";

test("a call is a POST without a query: conditions on that are decided, and never sent", (t) => {
  t.is(grpcMatches(match({ method: { type: "exact", value: "GET" } })).length, 0);
  t.is(grpcMatches(match({ scheme: { type: "exact", value: "https" } })).length, 0);
  t.is(grpcMatches(match({ authority: { type: "exact", value: "reviews" } })).length, 0);
  t.is(grpcMatches(match({ query: [{ name: "a", match: { type: "present" } }] })).length, 0);
  for (const method of [
    { type: "exact", value: "POST" },
    { type: "prefix", value: "PO" },
    { type: "suffix", value: "ST" },
    { type: "regex", value: "P.*" },
    { type: "present" },
  ] as const) {
    const [made, another] = grpcMatches(match({ method }));
    t.deepEqual(made?.headers, [], method.type);
    t.is(another, undefined);
  }
});

test("a value that is not wanted may be absent: one match for that, one for another value", (t) => {
  const unwanted = { name: "x", match: { type: "exact", value: "1" }, invert: true } as const;
  const wanted = { name: "y", match: { type: "exact", value: "2" }, invert: false } as const;
  const made = grpcMatches(match({ headers: [unwanted, wanted] }));
  t.deepEqual(
    made.map(({ headers }) =>
      headers.map((each) => [each.name, each.headerMatchSpecifier.case, each.invertMatch]),
    ),
    [
      [
        ["x", "presentMatch", true],
        ["y", "stringMatch", false],
      ],
      [
        ["x", "stringMatch", true],
        ["y", "stringMatch", false],
      ],
    ],
  );
});

test("paths: prefixes of whole segments and alternatives are regular expressions of their own", (t) => {
  const pathOf = (path: NonNullable<Parameters<typeof match>[0]["path"]>) =>
    grpcMatches(match({ path })).map(({ pathSpecifier: { case: kind, value } }) =>
      typeof value === "string" ? [kind, value] : [kind, value && "regex" in value && value.regex],
    );
  t.deepEqual(pathOf({ type: "path-prefix", value: "/a.b/" }), [["safeRegex", "/a\\.b(/.*)?"]]);
  t.deepEqual(pathOf({ type: "path-prefix", value: "/" }), [["prefix", "/"]]);
  t.deepEqual(pathOf({ type: "regex", value: "/a|/b" }), [["safeRegex", "(?:/a|/b)"]]);
  t.deepEqual(pathOf({ type: "prefix", value: "/a" }), [["prefix", "/a"]]);
  t.deepEqual(pathOf({ type: "exact", value: "/a" }), [["path", "/a"]]);
});
