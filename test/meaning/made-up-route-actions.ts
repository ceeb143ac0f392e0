// Redirects, direct responses, rewrites, header changes and CORS policies made up at random, and requests that come close to them.

import fc from "fast-check";
import type { Cors } from "./cors.ts";
import type { Redirect } from "./redirect.ts";
import type { Call, Destination, Route } from "./route-actions.ts";
import type { TextMatch } from "./text-match.ts";
import type { HeaderChanges } from "./virtual-service.ts";

const some: { requiredKeys: [] } = { requiredKeys: [] };

const names = ["x-a", "x-b", "X-C"] as const;
/** Nothing twice. */
const changes: fc.Arbitrary<HeaderChanges> = fc.record(
  {
    set: fc.dictionary(fc.constantFrom(...names), fc.constantFrom("set", "one"), { maxKeys: 2 }),
    add: fc.dictionary(fc.constantFrom(...names), fc.constantFrom("added", "two"), { maxKeys: 2 }),
    remove: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 2 }),
  },
  some,
);
const withHost = (host: string): fc.Arbitrary<HeaderChanges> =>
  fc
    .tuple(changes, fc.constantFrom("set", "add"), fc.constantFrom("Host", "host", ":authority"))
    .map(([{ ...made }, how, name]) => ({ ...made, [how]: { ...made[how as "set"], [name]: host } }));
const headers = (request: fc.Arbitrary<HeaderChanges>) =>
  fc.oneof(fc.record({ request }), fc.record({ request, response: changes }, some));
const plainHeaders = headers(changes);

const within = ["", "/", "/a", "/a/", "/a/b", "/a%20b", "//a", "/A"] as const;
const uris = (index: number) =>
  fc.constantFrom<TextMatch>(
    ...[
      { prefix: `/${index}` },
      { prefix: `/${index}/` },
      { prefix: `/${index}/a` },
      { prefix: `/${index}` },
    ],
    ...[{ exact: `/${index}/a` }, { exact: `/${index}` }, { regex: `/${index}/.*` }],
  );

const redirect: fc.Arbitrary<Redirect> = fc
  .tuple(
    fc.constantFrom(
      {},
      {},
      { uri: "/new" },
      { uri: "/new/?to=1" },
      { uri: "/" },
      { prefixRewrite: "/new" },
      { prefixRewrite: "/" },
    ),
    fc.constantFrom(
      {},
      { port: 80 },
      { port: 443 },
      { port: 8080 },
      { derivePort: "FROM_REQUEST_PORT" as const },
      { derivePort: "FROM_REQUEST_PORT" as const },
      { derivePort: "FROM_PROTOCOL_DEFAULT" as const },
    ),
    fc.constantFrom({}, {}, { authority: "other.example" }),
    fc.constantFrom(
      {},
      { scheme: "http" as const },
      { scheme: "https" as const },
      { scheme: "https" as const },
    ),
    fc.record({ redirectCode: fc.constantFrom(301, 302, 303, 307, 308) }, some),
  )
  .map(([path, port, authority, scheme, code]) => ({ ...path, ...port, ...authority, ...scheme, ...code }))
  .filter((made) => Object.keys(made).some((key) => key !== "redirectCode"));

const directResponse = fc.record(
  {
    status: fc.constantFrom(200, 418, 503, 599),
    body: fc.constantFrom({ string: "text" }, { bytes: "aGVsbG8=" }, { string: "" }),
  },
  { requiredKeys: ["status"] },
);

const rewrite = fc.oneof(
  fc.record(
    { uri: fc.constantFrom("/", "/new", "/new/"), authority: fc.constant("rewritten.example") },
    { requiredKeys: ["uri"] },
  ),
  fc.record({
    uriRegexRewrite: fc.constantFrom(
      { match: "^/\\d/([^/]+)/(.*)$", rewrite: "/\\2/of/\\1" },
      { match: "a", rewrite: "xx" },
      { match: "(?i)/A", rewrite: "\\0/again" },
      { match: "/+$", rewrite: "/end" },
    ),
  }),
  fc.record({ authority: fc.constant("rewritten.example:8080") }),
);
const [v1, v2] = ["v1", "v2"].map((subset) => ({ destination: { host: "reviews", subset } }));
const one = fc.record(
  { headers: headers(fc.oneof(changes, withHost("own.example"))), weight: fc.constantFrom(0, 1, 70) },
  { requiredKeys: ["headers"] },
);
const destinations: fc.Arbitrary<readonly Destination[]> = fc.oneof(
  one.map((only) => [{ ...v1, ...only }]),
  fc.tuple(one, one, fc.boolean()).map(([first, second, isFirst]) => [
    { ...v1, ...first, ...(isFirst && { weight: 30 }) },
    { ...v2, ...second, ...(!isFirst && { weight: 30 }) },
  ]),
) as fc.Arbitrary<readonly Destination[]>;

const origins = ["https://site.example", "https://a.good.example", "http://site.example", "null"] as const;
const corsPolicy: fc.Arbitrary<Cors> = fc.record(
  {
    allowOrigin: fc.uniqueArray(fc.constantFrom("*", ...origins), { minLength: 1, maxLength: 2 }),
    allowOrigins: fc.array(
      fc.constantFrom<TextMatch>(
        ...origins.map((exact) => ({ exact })),
        ...[
          { exact: "*" },
          { prefix: "https://" },
          { prefix: "http" },
          { regex: "https?://[a-z.]+\\.example" },
          { regex: ".*" },
        ],
      ),
      { minLength: 1, maxLength: 2 },
    ),
    allowMethods: fc.constantFrom(["GET", "POST"], ["PUT"]),
    allowHeaders: fc.constantFrom(["x-token"], ["X-Token", "x-a"], ["*"]),
    exposeHeaders: fc.constantFrom(["x-a"], ["x-a", "X-B"], ["*"]),
    maxAge: fc.constantFrom("24h", "90s", "1m"),
    allowCredentials: fc.boolean(),
    unmatchedPreflights: fc.constantFrom(
      "UNSPECIFIED" as const,
      "FORWARD" as const,
      "IGNORE" as const,
      "IGNORE" as const,
    ),
  },
  some,
);

const forward = fc
  .record(
    {
      route: destinations,
      rewrite,
      mirrors: fc.constant([{ destination: { host: "copies", subset: "v1" } }]),
      fault: fc.constant({ abort: { httpStatus: 418, percentage: { value: 100 } } }),
    },
    { requiredKeys: ["route"] },
  )
  .chain(({ fault, ...made }) =>
    fc.integer({ min: 0, max: 3 }).map((faulty) =>
      // Of several destinations nobody could tell whose changes the answer has.
      fault && faulty === 0 ? { ...made, route: made.route.slice(0, 1), fault } : made,
    ),
  );

const routeAt = (index: number): fc.Arbitrary<Route> =>
  fc
    .tuple(
      uris(index),
      fc.boolean(),
      fc.oneof(
        { arbitrary: fc.record({ redirect }), weight: 2 },
        { arbitrary: fc.record({ directResponse }), weight: 1 },
        { arbitrary: forward, weight: 5 },
      ),
      fc.record(
        { headers: headers(fc.oneof(changes, withHost("host.example"))), corsPolicy },
        { requiredKeys: ["headers"] },
      ),
      plainHeaders,
    )
    .map(([uri, ignoreUriCase, action, more, plain]) => {
      // What must not stand side by side.
      const { redirect, rewrite } = action as Partial<Route>;
      const spelled =
        redirect?.prefixRewrite !== undefined && !("prefix" in uri) ? { prefix: `/${index}` } : uri;
      const isTwice = more.headers && rewrite?.authority !== undefined;
      return {
        match: [{ uri: spelled, ...(ignoreUriCase && { ignoreUriCase }) }],
        ...action,
        ...more,
        ...(isTwice && { headers: plain }),
      } as Route;
    });

export const routes: fc.Arbitrary<readonly Route[]> = fc.tuple(
  routeAt(0),
  routeAt(1),
  routeAt(2),
  routeAt(3),
);

export const call: fc.Arbitrary<Call> = fc
  .record({
    index: fc.integer({ min: 0, max: 3 }),
    rest: fc.constantFrom(...within, "/a", "/a"),
    method: fc.constantFrom("GET", "OPTIONS", "OPTIONS", "POST"),
    host: fc.constantFrom(
      { authority: "reviews", port: 80 },
      { authority: "reviews:80", port: 80 },
      { authority: "reviews:9080", port: 9080 },
    ),
    query: fc.constantFrom("", "?q=1", "?", "?a=/0/a&b"),
    headers: fc.record(
      {
        "x-a": fc.constantFrom("1", "2"),
        "x-b": fc.constant("1"),
        origin: fc.constantFrom(...origins),
        "access-control-request-method": fc.constantFrom("PUT", "POST"),
        "access-control-request-headers": fc.constant("x-token,x-other"),
      },
      some,
    ),
    answer: fc.record({ "x-a": fc.constant("answered"), "x-b": fc.constant("answered") }, some),
  })
  .map(({ index, rest, host, ...more }) => ({ ...more, ...host, path: `/${index}${rest}` }));
