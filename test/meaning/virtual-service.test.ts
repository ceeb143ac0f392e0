// HTTP routes made up at random, and requests that come close to them: what a real sidecar does with each is what the reference says.

import test from "ava";
import fc from "fast-check";
import { serviceFile } from "../end-to-end/cast.ts";
import { type Mesh, startMesh } from "../end-to-end/mesh.ts";
import { callOf, clients, outcomeSeen, urlOf } from "./calls.ts";
import { compare } from "./compare.ts";
import { edgeText, networkingText, subsetsText } from "./objects.ts";
import type { TextMatch } from "./text-match.ts";
import { type HttpMatch, type HttpRoute, type Outcome, outcomeOf } from "./virtual-service.ts";

let mesh: Mesh;

test.before(async () => {
  mesh = await startMesh({
    net: 29,
    members: [...clients, { name: "reviews-v1", at: 3 }, { name: "reviews-v2", at: 4 }],
    files: {
      "services.yaml": serviceFile("reviews"),
      "gateway.yaml": edgeText,
      "subsets.yaml": subsetsText("reviews"),
    },
  });
});

test.after.always(() => mesh?.stop());

const texts = (
  exact: readonly string[],
  prefix: readonly string[],
  regex: readonly string[],
): fc.Arbitrary<TextMatch> =>
  fc.oneof(
    fc.record({ exact: fc.constantFrom(...exact) }),
    fc.record({ prefix: fc.constantFrom(...prefix) }),
    fc.record({ regex: fc.constantFrom(...regex) }),
  );
const present: fc.Arbitrary<TextMatch> = fc.constant({});
const some = <T>(arbitrary: fc.Arbitrary<T>) => ({ arbitrary, weight: 1 });

const uri = texts(
  ["/a", "/a/b", "/A/B", "/"],
  ["/", "/a", "/a/", "/A", "/a/b/"],
  ["/a/[^/]+", "/[ab].*", ".*b", "/(a|x)"],
);
const value = fc.oneof(some(texts(["1", "12", "x"], ["1", "x"], ["[0-9]+", "1.", "x?"])), some(present));
const byName = fc.dictionary(fc.constantFrom("x-a", "x-b"), value, { minKeys: 1, maxKeys: 2 });

const anyMatch: fc.Arbitrary<HttpMatch> = fc
  .record(
    {
      uri,
      ignoreUriCase: fc.boolean(),
      scheme: texts(["http", "https"], ["http"], ["https?"]),
      method: texts(["GET", "POST"], ["P"], ["GET|PUT"]),
      authority: texts(["reviews.shop:9080"], ["reviews.shop"], ["reviews(\\.shop)?(:80)?", ".*:9080"]),
      headers: byName,
      withoutHeaders: byName,
      queryParams: fc.dictionary(fc.constantFrom("p", "q"), value, { minKeys: 1, maxKeys: 2 }),
      port: fc.constantFrom(80, 9080),
      sourceLabels: fc.constantFrom({ app: "client" }, { app: "stranger", version: "v2" }),
      sourceNamespace: fc.constantFrom("shop", "elsewhere"),
      gateways: fc.constantFrom(["mesh"], ["shop/edge"], ["shop/edge", "mesh"]),
    },
    { requiredKeys: [] },
  )
  // With all of a dozen conditions nothing would ever hold.
  .chain((all) =>
    fc
      .subarray(Object.entries(all), { minLength: Math.min(1, Object.keys(all).length), maxLength: 3 })
      .map((entries) => Object.fromEntries(entries) as HttpMatch),
  )
  .filter((match) => Object.keys(match).some((key) => key !== "ignoreUriCase"));

const forwards = fc.record(
  {
    route: fc
      .constantFrom("v1", "v2")
      .map((subset) => [{ destination: { host: "reviews", subset } }] as const),
    rewrite: fc.oneof(
      fc.record({ uri: fc.constantFrom("/", "/new", "/new/") }),
      fc.record({ uri: fc.constant("/new"), authority: fc.constant("other.example") }),
      fc.record({ authority: fc.constant("other.example") }),
    ),
    headers: fc.record({
      request: fc.record(
        {
          set: fc.constantFrom({ "x-a": "set" }, { "x-c": "set" }),
          add: fc.constantFrom({ "x-a": "added" }, { "x-c": "added" }),
          remove: fc.constantFrom(["x-b"], []),
        },
        { requiredKeys: [] },
      ),
    }),
  },
  { requiredKeys: ["route"] },
);

const fault = { abort: { httpStatus: 418, percentage: { value: 100 } } } as const;

const redirects = fc.record({
  redirect: fc
    .record(
      {
        uri: fc.constantFrom("/moved", "/"),
        authority: fc.constant("other.example"),
        redirectCode: fc.constantFrom(302, 307),
      },
      { requiredKeys: [] },
    )
    .filter(({ uri, authority }) => uri !== undefined || authority !== undefined),
});

const anyRoute: fc.Arbitrary<Omit<HttpRoute, "name">> = fc
  .tuple(
    fc.oneof(
      { arbitrary: fc.array(anyMatch, { minLength: 1, maxLength: 3 }), weight: 5 },
      some(fc.constant([])),
    ),
    fc.oneof(
      { arbitrary: fc.constant({ directResponse: { status: 200, body: { string: "here" } } }), weight: 2 },
      { arbitrary: forwards, weight: 4 },
      some(forwards.map((forward) => ({ ...forward, fault }))),
      some(redirects),
    ),
  )
  .map(([match, action]) => ({ ...(match.length > 0 && { match }), ...action }))
  .filter((route) => !("rewrite" in route) || !route.match?.some(({ uri }) => uri && "regex" in uri));

const anyRoutes: fc.Arbitrary<readonly HttpRoute[]> = fc
  .array(anyRoute, { minLength: 1, maxLength: 4 })
  .map((routes) =>
    routes.map((route, index) => {
      const name = `route-${index}`;
      const said = route.directResponse && { directResponse: { status: 200, body: { string: name } } };
      return { name, ...route, ...said };
    }),
  );

const anyCall = fc
  .record({
    client: fc.constantFrom(...clients),
    method: fc.constantFrom("GET", "GET", "POST", "PUT"),
    host: fc.constantFrom("reviews.shop", "reviews.shop.svc.cluster.local"),
    port: fc.constantFrom(80, 9080),
    path: fc.constantFrom("/", "/a", "/a/", "/a/b", "/A/B", "/ab", "/a/b/c", "/x", "/b", "/A"),
    query: fc.constantFrom(undefined, "p=1", "p=12&q=x", "q=", "q", "p=x&q=1"),
    headers: fc.dictionary(fc.constantFrom("x-a", "x-b"), fc.constantFrom("1", "12", "x", "xx"), {
      maxKeys: 2,
    }),
  })
  .map((wish) => ({ from: wish.client.name, call: callOf(wish) }));

test("a sidecar does with each request what the reference says", (t) =>
  compare(t, {
    policies: anyRoutes,
    requests: anyCall,
    requestsPerPolicy: 30,
    apply: async (http) => {
      const metadata = { name: "reviews", namespace: "shop" };
      const text = networkingText("VirtualService", metadata, { hosts: ["reviews"], http });
      await mesh.policy(text);
      return text;
    },
    expected: (routes, { call }): Outcome => outcomeOf(routes, call),
    actual: async ({ from, call }, expected) => {
      const { method, headers } = call;
      return outcomeSeen(await mesh.call(from, urlOf(call), { method, headers }), expected);
    },
    kind: ({ reached, status }) => (reached ? "reached" : `${status}`),
  }));
