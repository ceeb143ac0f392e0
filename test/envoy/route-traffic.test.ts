// What a real Envoy does with emitted routes: one client listener, one echo server behind it, requests through both.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import type { RoutePlan } from "../../compiler/4-view/plan/index.ts";
import { emitCluster } from "../../compiler/5-emit/clusters/index.ts";
import { emitListener } from "../../compiler/5-emit/listeners/index.ts";
import { accessLog, chain, http, listener } from "../../compiler/5-emit/listeners/listener-plan-builder.ts";
import { emitRouteTable } from "../../compiler/5-emit/routes/index.ts";
import {
  forward,
  headers,
  match,
  route,
  routeTable,
  target,
  virtualHost,
} from "../../compiler/5-emit/routes/route-plan-builder.ts";
import type { HttpMatch, PathMatch } from "../../compiler/model/match.ts";
import {
  clusterPlan,
  type Echo,
  type EchoServer,
  endpointsPlan,
  type RequestOptions,
  type RunningEnvoy,
  request,
  startEchoServer,
  startEnvoy,
  staticBootstrap,
} from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-routes-"));
const log = join(folder, "access.log");
const upstream = "outbound|80||echo";

const path = (type: PathMatch["type"], value: string, parts: Partial<HttpMatch> = {}) =>
  match({ path: { type, value }, ...parts });
const to = (parts: Partial<RoutePlan>) => route({ action: forward(target(upstream)), ...parts });
const answer = (value: string, matched: HttpMatch) =>
  route({
    match: matched,
    action: { type: "direct-response", status: 200, body: { type: "string", value } },
  });

const routes: readonly RoutePlan[] = [
  answer("any case", path("prefix", "/Match/Case", { ignoreCase: true })),
  answer("segments", path("path-prefix", "/match/segments/")),
  answer(
    "not canary",
    path("exact", "/match/without", {
      headers: [{ name: "canary", match: { type: "exact", value: "yes" }, invert: true }],
    }),
  ),
  answer(
    "no header",
    path("exact", "/match/absent", {
      headers: [{ name: "canary", match: { type: "present" }, invert: true }],
    }),
  ),
  answer("post", path("exact", "/match/method", { method: { type: "exact", value: "POST" } })),
  answer(
    "query",
    path("exact", "/match/query", { query: [{ name: "q", match: { type: "regex", value: "[0-9]+" } }] }),
  ),
  answer("x".repeat(10_000), path("exact", "/large")),
  to({ match: path("path-prefix", "/strip"), rewrite: { uri: "/" } }),
  to({ match: path("path-prefix", "/swap"), rewrite: { uri: "/new/" } }),
  to({ match: path("prefix", "/characters"), rewrite: { uri: "/c" } }),
  to({ match: path("exact", "/exact"), rewrite: { uri: "/whole" } }),
  to({
    match: path("prefix", "/expression"),
    rewrite: { uriRegex: { pattern: "^/expression/([^/]+)/(.*)$", substitution: "/\\2/\\1" } },
  }),
  to({
    match: path("exact", "/headers"),
    headers: headers({
      request: { set: [{ name: "host", value: "rewritten.example" }], remove: ["x-secret"] },
      response: { set: [{ name: "x-from", value: "route" }] },
    }),
    action: forward(
      target(upstream, 100, headers({ request: { add: [{ name: "x-via", value: "destination" }] } })),
    ),
  }),
  route({
    match: path("prefix", "/old"),
    action: { type: "redirect", code: 308, scheme: "https", authority: "b.example", uri: "%PREFIX()%/new" },
  }),
  route({
    match: path("exact", "/same-port"),
    action: { type: "redirect", code: 302, uri: "/x" },
  }),
  route({
    match: path("exact", "/usual-port"),
    action: { type: "redirect", code: 302, uri: "/x", scheme: "https", port: 443 },
  }),
  to({
    match: path("exact", "/fault"),
    fault: { abort: { percentage: 100, status: { type: "http", code: 418 } } },
  }),
  to({
    match: path("exact", "/cors"),
    cors: {
      allowOrigins: [{ type: "exact", value: "https://a.example" }],
      allowMethods: ["GET", "PUT"],
      allowHeaders: ["x-a"],
      exposeHeaders: [],
      maxAgeMs: 60_000,
      unmatchedPreflights: "ignore",
    },
  }),
  to({
    match: path("exact", "/split"),
    action: forward(target(upstream, 50), target(upstream, 50), target("nowhere", 0)),
  }),
  route({ match: path("exact", "/nowhere"), action: forward(target("nowhere")) }),
];

let echo: EchoServer;
let envoy: RunningEnvoy;
let port: number;

test.before(async () => {
  echo = await startEchoServer({ name: "echo" });
  const endpoints = endpointsPlan([{ address: echo.host, port: echo.port, mtls: false }], {
    clusterName: upstream,
  });
  const client = listener(
    [
      chain(
        http({
          accessLog: accessLog({
            file: log,
            format: '%REQ_WITHOUT_QUERY(:PATH)% %CEL(request.method)% "%ROUTE_NAME%"',
          }),
        }),
      ),
    ],
    { name: "client", port: 0 },
  );
  const table = routeTable([], {
    virtualHosts: [
      virtualHost(routes),
      virtualHost([], { name: "tls", domains: ["tls.example"], requireTls: true }),
    ],
  });
  envoy = await startEnvoy({
    bootstrap: staticBootstrap([
      emitCluster(clusterPlan({ name: upstream, discovery: { type: "static", endpoints } })),
      emitListener(client, new Map()),
      emitRouteTable(table),
    ]),
    args: ["--file-flush-interval-msec", "50"],
  });
  await envoy.ready();
  port = await envoy.listenerPort("client");
});

test.after.always(async () => {
  await envoy?.stop();
  await echo?.stop();
  rmSync(folder, { recursive: true });
});

const ask = (path: string, options: Partial<RequestOptions> = {}) => request({ port, path, ...options });

async function reached(path: string, options: Partial<RequestOptions> = {}): Promise<Echo> {
  const { status, body } = await ask(path, options);
  if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
  return JSON.parse(body);
}

test("matches", async (t) => {
  t.is((await ask("/mATCH/cASE/x")).body, "any case");
  t.is((await ask("/match/segments")).body, "segments");
  t.is((await ask("/match/segments/x")).body, "segments");
  t.is((await ask("/match/segmentsx")).status, 404);
  t.is((await ask("/match/method", { method: "POST" })).body, "post");
  t.is((await ask("/match/method")).status, 404);
  t.is((await ask("/match/query?q=12")).body, "query");
  t.is((await ask("/match/query?q=a12")).status, 404);
});

test("unwanted headers", async (t) => {
  t.is((await ask("/match/without")).body, "not canary");
  t.is((await ask("/match/without", { headers: { canary: "no" } })).body, "not canary");
  t.is((await ask("/match/without", { headers: { canary: "yes" } })).status, 404);
  t.is((await ask("/match/absent")).body, "no header");
  t.is((await ask("/match/absent", { headers: { canary: "no" } })).status, 404);
});

test("a direct response larger than Envoy's default limit", async (t) => {
  t.is((await ask("/large")).body.length, 10_000);
});

test("path rewrites", async (t) => {
  t.is((await reached("/strip")).path, "/");
  t.is((await reached("/strip/a?q")).path, "/a?q");
  t.is((await reached("/swap")).path, "/new");
  t.is((await reached("/swap/a")).path, "/new/a");
  t.is((await reached("/characters/a")).path, "/c/a");
  t.is((await reached("/exact?q")).path, "/whole?q");
  t.is((await reached("/expression/a/b")).path, "/b/a");
});

test("headers of requests and responses", async (t) => {
  const response = await ask("/headers", { headers: { "x-secret": "1" } });
  t.is(response.headers["x-from"], "route");
  const seen: Echo = JSON.parse(response.body);
  t.is(seen.authority, "rewritten.example");
  t.is(seen.headers["x-via"], "destination");
  t.is(seen.headers["x-secret"], undefined);
  t.is(seen.headers["x-envoy-attempt-count"], "1");
});

test("redirects", async (t) => {
  const moved = await ask("/old/a", { headers: { host: "a.example:8080" } });
  t.is(moved.status, 308);
  t.is(moved.headers.location, "https://b.example/new/a");
  const samePort = await ask("/same-port", { headers: { host: "a.example:8080" } });
  t.is(samePort.status, 302);
  t.is(samePort.headers.location, "http://a.example:8080/x");
  const usualPort = await ask("/usual-port", { headers: { host: "a.example:8080" } });
  t.is(usualPort.headers.location, "https://a.example:443/x");
  const tls = await ask("/x", { headers: { host: "tls.example" } });
  t.is(tls.status, 301);
  t.is(tls.headers.location, "https://tls.example/x");
});

test("faults", async (t) => {
  t.is((await ask("/fault")).status, 418);
});

test("CORS preflights", async (t) => {
  const preflight = (origin: string) =>
    ask("/cors", { method: "OPTIONS", headers: { origin, "access-control-request-method": "PUT" } });
  const allowed = await preflight("https://a.example");
  t.is(allowed.status, 200);
  t.is(allowed.headers["access-control-allow-origin"], "https://a.example");
  t.is(allowed.headers["access-control-allow-methods"], "GET,PUT");
  t.is(allowed.headers["access-control-max-age"], "60");
  t.is((await preflight("https://b.example")).headers["access-control-allow-origin"], undefined);
});

test("weights, and a cluster that is not there", async (t) => {
  t.is((await reached("/split")).server, "echo");
  t.is((await ask("/nowhere")).status, 503);
});

test("one line per request, with operators that take extensions", async (t) => {
  await ask("/match/query?logged=1");
  for (let waited = 0; waited < 5000 && !readLog().includes('/match/query GET "-"'); waited += 50)
    await sleep(50);
  t.true(readLog().includes('/match/query GET "-"\n'), readLog());
});

const readLog = () => readFileSync(log, "utf8");
