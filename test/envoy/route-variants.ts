// Every shape of route that stage 5 writes, by name, for tests that put them before a real Envoy.

import type { RoutePlan } from "../../compiler/4-view/plan/index.ts";
import { forward, headers, match, route, target } from "../../compiler/5-emit/routes/route-plan-builder.ts";
import type { HttpMatch, PathMatch } from "../../compiler/model/match.ts";
import { outboundCluster } from "../../compiler/model/names.ts";
import { reviewsHost } from "./plans.ts";

const reviews = outboundCluster(9080, undefined, reviewsHost);
const everyHeaderChange = {
  set: [{ name: "x-set", value: "1" }],
  add: [
    { name: "x-add", value: "%DOWNSTREAM_REMOTE_ADDRESS%" },
    { name: "Host", value: "other" },
  ],
  remove: ["x-remove", "host"],
};
const everyOperation = headers({ request: everyHeaderChange, response: everyHeaderChange });

const on = (parts: Partial<HttpMatch>) => route({ match: match(parts) });
const path = (type: PathMatch["type"], value: string) => ({ path: { type, value } });

export const routeVariants: Readonly<Record<string, RoutePlan>> = {
  "exact path": on(path("exact", "/a")),
  "prefix, any case": on({ ...path("prefix", "/a/"), ignoreCase: true }),
  "segment prefix": on(path("path-prefix", "/a/")),
  "segment prefix of everything": on(path("path-prefix", "/")),
  "path expression": on(path("regex", "/v[0-9]+/.*")),
  "scheme, method, authority": on({
    scheme: { type: "exact", value: "https" },
    method: { type: "regex", value: "GET|HEAD" },
    authority: { type: "suffix", value: ".example" },
    statPrefix: "stats",
  }),
  headers: on({
    headers: [
      { name: "a", match: { type: "exact", value: "1" }, invert: false },
      { name: "b", match: { type: "prefix", value: "1" }, invert: true },
      { name: "c", match: { type: "present" }, invert: true },
      { name: "d", match: { type: "regex", value: ".*x" }, invert: false },
    ],
  }),
  "query parameters": on({
    query: [
      { name: "a", match: { type: "exact", value: "1" } },
      { name: "b", match: { type: "present" } },
    ],
  }),
  "weights and everything of destinations": route({
    name: "split",
    headers: everyOperation,
    action: {
      ...forward(target(reviews, 99, everyOperation), target(reviews, 1), target("elsewhere", 0)),
      mirrors: [{ cluster: reviews, percentage: 0.5 }],
      hash: [
        { type: "header", name: "x" },
        { type: "cookie", name: "c", path: "/", ttlMs: 0, attributes: [{ name: "SameSite", value: "Lax" }] },
        { type: "source-ip" },
        { type: "query-parameter", name: "q" },
      ],
    },
  }),
  "timeout, retries": route({
    timeoutMs: 10_000,
    retries: {
      attempts: 3,
      perTryTimeoutMs: 2000,
      retryOn: "5xx,429",
      backoffMs: 25,
      retryRemoteLocalities: true,
      retryIgnorePreviousHosts: true,
    },
  }),
  "default retries": route({ retries: { attempts: 2, retryOn: "" } }),
  "prefix and authority rewrite": route({
    match: match(path("prefix", "/a")),
    rewrite: { uri: "/b", authority: "b" },
  }),
  "prefix removed": route({ match: match(path("path-prefix", "/a.b")), rewrite: { uri: "/" } }),
  "expression rewrite": route({
    rewrite: { uriRegex: { pattern: "^/a/([^/]+)/(.*)$", substitution: "/\\2/\\1" } },
  }),
  fault: route({
    fault: {
      delay: { percentage: 0.001, fixedMs: 100 },
      abort: { percentage: 10, status: { type: "http", code: 418 } },
    },
  }),
  "gRPC fault": route({ fault: { abort: { percentage: 100, status: { type: "grpc", code: 14 } } } }),
  cors: route({
    cors: {
      allowOrigins: [
        { type: "exact", value: "*" },
        { type: "regex", value: "https://.*" },
      ],
      allowMethods: ["GET"],
      allowHeaders: ["x-a", "x-b"],
      exposeHeaders: ["x-c"],
      maxAgeMs: 86_400_000,
      allowCredentials: true,
      unmatchedPreflights: "forward",
    },
  }),
  redirect: route({
    match: match(path("prefix", "/a")),
    action: {
      type: "redirect",
      code: 308,
      scheme: "https",
      authority: "b.example",
      port: 8443,
      uri: "%PREFIX()%/b",
    },
  }),
  "redirect of the path": route({
    action: { type: "redirect", code: 302, uri: "/b" },
  }),
  "large direct response": route({
    headers: headers({ response: everyHeaderChange }),
    action: { type: "direct-response", status: 503, body: { type: "string", value: "x".repeat(10_000) } },
  }),
  "direct response of bytes": route({
    action: { type: "direct-response", status: 200, body: { type: "bytes", base64: "AAEC" } },
  }),
};
