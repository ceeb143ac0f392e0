// What counts as the same and what does not: two ways of saying one thing are one view, and what a user notices is left.

import test from "ava";
import { differencesBetween, kindOf } from "./differences.ts";
import type { JsonObject } from "./json.ts";
import { type Configuration, viewOf } from "./views.ts";

const nothing: Configuration = { listeners: [], clusters: [], routes: [], endpoints: [] };

/** A sidecar with one table, whose only host has these routes. */
function withRoutes(routes: readonly JsonObject[], clusters: readonly JsonObject[]): Configuration {
  const manager = {
    "@type":
      "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    rds: { routeConfigName: "80" },
  };
  return {
    ...nothing,
    listeners: [
      { name: "0.0.0.0_80", defaultFilterChain: { filters: [{ name: "http", typedConfig: manager }] } },
    ],
    clusters,
    routes: [{ name: "80", virtualHosts: [{ name: "reviews:80", domains: ["reviews"], routes }] }],
  };
}

const match = { prefix: "/" };
const reviews: JsonObject = { name: "outbound|80||reviews", type: "EDS" };
const toReviews: JsonObject = { match, route: { cluster: "outbound|80||reviews" } };

function pathsBetween(ours: Configuration, istiod: Configuration): readonly string[] {
  return differencesBetween(viewOf(ours), viewOf(istiod)).map(({ path }) => path);
}

test("the same configuration has no differences", (t) => {
  const all = withRoutes([toReviews], [reviews]);
  t.deepEqual(pathsBetween(all, structuredClone(all)), []);
});

test("a difference is found as deep inside as possible", (t) => {
  const slower = { match, route: { cluster: "outbound|80||reviews", timeout: "3s" } };
  t.deepEqual(pathsBetween(withRoutes([toReviews], [reviews]), withRoutes([slower], [reviews])), [
    "routes/80/hosts/reviews:80/routes/0/route/timeout",
  ]);
});

test("routes with other conditions are one difference", (t) => {
  const other = { ...toReviews, match: { path: "/a" } };
  t.deepEqual(pathsBetween(withRoutes([toReviews], [reviews]), withRoutes([other, toReviews], [reviews])), [
    "routes/80/hosts/reviews:80/routes/conditions",
  ]);
});

test("routes after one that takes every request are noticed by nobody", (t) => {
  const [one, both] = [[toReviews], [toReviews, { ...toReviews, match: { path: "/a" } }]];
  t.deepEqual(pathsBetween(withRoutes(one, [reviews]), withRoutes(both, [reviews])), []);
});

test("a chain that ends TLS takes no plain text, whether it says so or not", (t) => {
  const listening = (filterChainMatch: JsonObject, more: JsonObject): Configuration => ({
    ...nothing,
    listeners: [
      { name: "0.0.0.0_443", filterChains: [{ filterChainMatch, filters: [{ name: "tcp" }], ...more }] },
    ],
  });
  const onlyTls = { transportProtocol: "tls" };
  const ends = { transportSocket: { typedConfig: {} } };
  t.deepEqual(pathsBetween(listening(onlyTls, ends), listening({}, ends)), []);
  t.true(pathsBetween(listening(onlyTls, {}), listening({}, {})).length > 0);
});

test("a route to a cluster that is not there leads to the one that refuses", (t) => {
  const refusing = { match, route: { cluster: "BlackHoleCluster" } };
  t.deepEqual(pathsBetween(withRoutes([toReviews], []), withRoutes([refusing], [])), []);
});

test("a cluster that nothing leads to, and a table that no listener reads, are noticed by nobody", (t) => {
  const configuration = withRoutes([toReviews], [reviews]);
  const more = {
    ...configuration,
    clusters: [...configuration.clusters, { name: "outbound|81||reviews" }],
    routes: [...configuration.routes, { name: "81" }],
  };
  t.deepEqual(pathsBetween(configuration, more), []);
});

test("no codes to retry on are no condition", (t) => {
  const retrying = (retryOn: string) =>
    withRoutes([{ match, route: { cluster: "outbound|80||reviews", retryPolicy: { retryOn } } }], [reviews]);
  t.deepEqual(pathsBetween(retrying("reset,5xx"), retrying(",5xx,reset,retriable-status-codes")), []);
});

test("names of servers are compared whichever list they are in", (t) => {
  const withNames = (context: JsonObject) =>
    withRoutes(
      [toReviews],
      [
        {
          ...reviews,
          transportSocket: {
            typedConfig: {
              commonTlsContext: { combinedValidationContext: { defaultValidationContext: context } },
            },
          },
        },
      ],
    );
  const typed = { matchTypedSubjectAltNames: [{ sanType: "URI", matcher: { exact: "spiffe://a" } }] };
  t.deepEqual(
    pathsBetween(withNames(typed), withNames({ matchSubjectAltNames: [{ exact: "spiffe://a" }] })),
    [],
  );
  t.deepEqual(pathsBetween(withNames(typed), withNames({})), ["clusters/outbound|80||reviews/tls/names/0"]);
});

test("a chain that asks for nothing is the default chain", (t) => {
  const chain = {
    filters: [{ name: "tcp", typedConfig: { "@type": "x/envoy.TcpProxy", cluster: "BlackHoleCluster" } }],
  };
  const listener = (more: JsonObject) => ({ ...nothing, listeners: [{ name: "virtualInbound", ...more }] });
  t.deepEqual(pathsBetween(listener({ filterChains: [chain] }), listener({ defaultFilterChain: chain })), []);
});

test("differences of one kind have one name", (t) => {
  const kinds = [
    "routes/80/hosts/reviews.default.svc.cluster.local:80/routes/0/route/timeout",
    "routes/9080/hosts/ratings.other.svc.cluster.local:80/routes/2/route/timeout",
  ].map(kindOf);
  t.deepEqual(kinds, [
    "routes/#/hosts/…:80/routes/#/route/timeout",
    "routes/#/hosts/…:80/routes/#/route/timeout",
  ]);
  t.is(
    kindOf('listeners/virtualInbound/chains/{"prefixRanges":[{"prefixLen":32}]}/tls'),
    "listeners/virtualInbound/chains/{}/tls",
  );
});
