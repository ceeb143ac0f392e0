import test from "ava";
import type { RouteSet } from "../../model/routes.ts";
import { decodeYaml } from "../shared/decode-yaml.ts";
import { virtualService } from "./index.ts";

/** The route set of one object whose spec is `spec`, without origins; warnings are part of the case. */
function decode(spec: string): {
  readonly routes: RouteSet | undefined;
  readonly summary: readonly string[];
} {
  const indented = spec.trim().replaceAll(/^/gm, "  ");
  const head =
    "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: vs, namespace: shop}";
  const { facts, summary } = decodeYaml(`${head}\nspec:\n${indented}\n`, [virtualService]);
  const [fact] = facts;
  return { routes: fact?.type === "routes" ? withoutOrigins(fact.value) : undefined, summary };
}

function withoutOrigins<T>(value: T): T {
  return JSON.parse(JSON.stringify(value, (key, inner) => (key === "origin" ? undefined : inner)));
}

const route = "route: [{destination: {host: a}}]";
const none = { set: [], add: [], remove: [] };
const noHeaders = { request: none, response: none };

test("hosts and gateways are resolved in the namespace of the object", (t) => {
  const { routes, summary } = decode(`
hosts: [reviews, reviews.shop.svc.cluster.local, "*.Example.com"]
gateways: [mesh, gw, other/gw, ./gw, old.prod.svc.cluster.local]
exportTo: [".", prod]
http: [{${route}}]`);
  t.deepEqual(routes?.hosts, ["reviews.shop.svc.cluster.local", "*.example.com"]);
  t.deepEqual(routes?.gateways, ["mesh", "shop/gw", "other/gw", "prod/old"]);
  t.deepEqual(routes?.visibility, { type: "namespaces", names: ["prod", "shop"] });
  t.deepEqual(summary, ["warning deprecated-field spec.gateways[4]"]);
});

test("a rule without anything special is what it says and no more", (t) => {
  const { routes, summary } = decode(`hosts: [a]\nhttp: [{${route}}]`);
  t.deepEqual(summary, []);
  t.deepEqual(routes?.gateways, ["mesh"]);
  t.deepEqual(routes?.http, [
    {
      matches: [],
      action: {
        type: "forward",
        destinations: [
          { destination: { host: "a.shop.svc.cluster.local" }, weight: 100, headers: noHeaders },
        ],
      },
      mirrors: [],
      headers: noHeaders,
    },
  ] as unknown as RouteSet["http"]);
});

test("matches keep every condition; empty ones ask for presence", (t) => {
  const { routes, summary } = decode(`
hosts: [a]
http:
- match:
  - name: m
    uri: {prefix: /Api}
    ignoreUriCase: true
    scheme: {exact: https}
    method: {regex: "GET|HEAD"}
    authority: {prefix: a}
    headers: {X-B: {exact: b}, X-A: {}}
    withoutHeaders: {X-C: {regex: "*"}, X-D: {}}
    queryParams: {q: {exact: "1"}, p: {}}
    port: 80
    sourceLabels: {app: web}
    sourceNamespace: front
    gateways: [gw]
    statPrefix: stats
  ${route}`);
  t.deepEqual(summary, []);
  t.deepEqual(routes?.http[0]?.matches, [
    {
      name: "m",
      path: { type: "prefix", value: "/Api" },
      ignoreCase: true,
      scheme: { type: "exact", value: "https" },
      method: { type: "regex", value: "GET|HEAD" },
      authority: { type: "prefix", value: "a" },
      headers: [
        { name: "x-a", match: { type: "present" }, invert: false },
        { name: "x-b", match: { type: "exact", value: "b" }, invert: false },
        { name: "x-c", match: { type: "present" }, invert: true },
        { name: "x-d", match: { type: "present" }, invert: true },
      ],
      query: [
        { name: "p", match: { type: "present" } },
        { name: "q", match: { type: "exact", value: "1" } },
      ],
      statPrefix: "stats",
      port: 80,
      sourceLabels: { app: "web" },
      sourceNamespace: "front",
      gateways: ["shop/gw"],
    },
  ] as unknown as RouteSet["http"][number]["matches"]);
});

test("weights stand as written, and a single destination has everything", (t) => {
  const { routes, summary } = decode(`
hosts: [a]
http:
- match: [{uri: {exact: /one}}]
  route: [{destination: {host: a}, weight: 0}]
- route:
  - {destination: {host: a, subset: v1, port: {number: 9080}}, weight: 80}
  - {destination: {host: b.example.com}, weight: 20}
  - {destination: {host: c}}`);
  t.deepEqual(summary, []);
  const weights = routes?.http.map(({ action }) =>
    action.type === "forward"
      ? action.destinations.map(({ destination, weight }) => [destination.host, weight])
      : [],
  );
  t.deepEqual(weights, [
    [["a.shop.svc.cluster.local", 100]],
    [
      ["a.shop.svc.cluster.local", 80],
      ["b.example.com", 20],
      ["c.shop.svc.cluster.local", 0],
    ],
  ]);
});

test("what happens on the way", (t) => {
  const { routes, summary } = decode(`
hosts: [a]
http:
- ${route}
  name: all
  timeout: 1m30s
  retries: {attempts: 3, perTryTimeout: 2s, retryOn: "5xx,503", backoff: 25ms, retryIgnorePreviousHosts: true}
  rewrite: {uriRegexRewrite: {match: "^/a/(.*)", rewrite: '/\\1'}}
  headers:
    request: {set: {Host: b, X-Two: "%REQ(x)%", X-One: 100%%}, add: {X-A: a}, remove: [X-Old]}
    response: {remove: [Server]}
  mirrors: [{destination: {host: m}, percentage: {value: 0.5}}, {destination: {host: n}, percentage: {value: 0}}]
  corsPolicy: {allowOrigins: [{exact: "*"}], allowMethods: [GET], allowHeaders: ["*"], maxAge: 24h, unmatchedPreflights: IGNORE}
  fault:
    delay: {fixedDelay: 5s, percentage: {value: 0.1}}
    abort: {grpcStatus: UNAVAILABLE, percentage: {value: 10}}`);
  t.deepEqual(summary, []);
  const [rule] = routes?.http ?? [];
  t.is(rule?.name, "all");
  t.is(rule?.timeoutMs, 90_000);
  t.deepEqual(rule?.retries, {
    attempts: 3,
    perTryTimeoutMs: 2000,
    retryOn: "5xx,503",
    retryIgnorePreviousHosts: true,
    backoffMs: 25,
  });
  t.deepEqual(rule?.rewrite, { uriRegex: { pattern: "^/a/(.*)", substitution: "/\\1" } });
  t.deepEqual(rule?.headers.request, {
    set: [
      { name: "host", value: "b" },
      { name: "x-one", value: "100%%" },
      { name: "x-two", value: "%REQ(x)%" },
    ],
    add: [{ name: "x-a", value: "a" }],
    remove: ["x-old"],
  });
  t.deepEqual(
    rule?.mirrors.map(({ destination, percentage }) => [destination.host, percentage]),
    [
      ["m.shop.svc.cluster.local", 0.5],
      ["n.shop.svc.cluster.local", 0],
    ],
  );
  t.deepEqual(rule?.cors, {
    allowOrigins: [{ type: "exact", value: "*" }],
    allowMethods: ["GET"],
    allowHeaders: ["*"],
    exposeHeaders: [],
    maxAgeMs: 86_400_000,
    unmatchedPreflights: "ignore",
  });
  t.deepEqual(rule?.fault, {
    delay: { percentage: 0.1, fixedMs: 5000 },
    abort: { percentage: 10, status: { type: "grpc", code: 14 } },
  });
});

test("answers without a destination", (t) => {
  const { routes, summary } = decode(`
hosts: [a]
http:
- match: [{uri: {prefix: /r}}]
  redirect: {uri: "%PREFIX()%/x", scheme: https, derivePort: FROM_REQUEST_PORT, redirectCode: 308}
- match: [{uri: {prefix: /d}}]
  directResponse: {status: 503, body: {string: later}}
- delegate: {name: other}`);
  t.deepEqual(summary, []);
  t.deepEqual(
    routes?.http.map(({ action }) => action),
    [
      { type: "redirect", prefixRewrite: "/x", port: "request-port", scheme: "https", code: 308 },
      { type: "direct-response", status: 503, body: { type: "string", value: "later" } },
      { type: "delegate", namespace: "shop", name: "other" },
    ],
  );
});

test("old ways to write things still work, with a word about the new ones", (t) => {
  const { routes, summary } = decode(`
hosts: [a]
http:
- ${route}
  mirror: {host: m}
  mirrorPercent: 50
  corsPolicy: {allowOrigin: [b.example.com]}
  fault: {delay: {percent: 10, fixedDelay: 1s}}`);
  t.deepEqual(summary.toSorted(), [
    "warning deprecated-field spec.http[0].corsPolicy.allowOrigin",
    "warning deprecated-field spec.http[0].fault.delay.percent",
    "warning deprecated-field spec.http[0].mirrorPercent",
  ]);
  t.is(routes?.http[0]?.mirrorPercentage, 50);
  t.is(routes?.http[0]?.fault?.delay?.percentage, 10);
  t.deepEqual(routes?.http[0]?.cors?.allowOrigins, [{ type: "exact", value: "b.example.com" }]);
});

test("allowOrigin counts only without allowOrigins", (t) => {
  const { routes, summary } = decode(`
hosts: [a]
http:
- ${route}
  corsPolicy: {allowOrigin: ["*"], allowOrigins: [{exact: "https://a.example"}]}`);
  t.deepEqual(summary, ["warning ineffective-field spec.http[0].corsPolicy.allowOrigin"]);
  t.deepEqual(routes?.http[0]?.cors?.allowOrigins, [{ type: "exact", value: "https://a.example" }]);
});

test("TLS and TCP rules", (t) => {
  const { routes, summary } = decode(`
hosts: ["*.example.com"]
gateways: [mesh, gw]
tls:
- match: [{sniHosts: [a.example.com, "*.b.example.com"], port: 443, gateways: [gw]}]
  route: [{destination: {host: a}}]
tcp:
- match: [{destinationSubnets: [10.0.0.0/8], sourceSubnet: 192.168.0.1, sourceLabels: {app: x}}]
  route: [{destination: {host: b, port: {number: 1}}, weight: 1}, {destination: {host: c}, weight: 3}]`);
  t.deepEqual(summary, []);
  t.deepEqual(routes?.tls[0]?.matches[0]?.sniHosts, ["a.example.com", "*.b.example.com"]);
  t.deepEqual(routes?.tls[0]?.matches[0]?.gateways, ["shop/gw"]);
  t.deepEqual(routes?.tcp[0]?.matches[0]?.destinationSubnets, ["10.0.0.0/8"]);
  t.is(routes?.tcp[0]?.matches[0]?.sourceSubnet, "192.168.0.1");
  t.deepEqual(
    routes?.tcp[0]?.destinations.map(({ weight }) => weight),
    [1, 3],
  );
});

test("what tells clients of the mesh apart is said to have no effect at gateways", (t) => {
  const { summary } = decode(`
hosts: [a.example.com]
gateways: [gw]
tls:
- match: [{sniHosts: [a.example.com], destinationSubnets: [10.0.0.0/8], sourceNamespace: x}]
  route: [{destination: {host: a}}]
tcp:
- match: [{sourceSubnet: 192.168.0.1, sourceLabels: {app: x}, port: 1}]
  route: [{destination: {host: b}}]`);
  t.deepEqual(summary, [
    "warning ineffective-field spec.tls[0].match[0].destinationSubnets",
    "warning ineffective-field spec.tls[0].match[0].sourceNamespace",
    "warning ineffective-field spec.tcp[0].match[0].sourceSubnet",
    "warning ineffective-field spec.tcp[0].match[0].sourceLabels",
  ]);
});

test("every rule and destination knows its line", (t) => {
  const text = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: vs}
spec:
  hosts: [a]
  http:
  - match:
    - uri: {prefix: /x}
    route:
    - destination:
        host: a
`;
  const [fact] = decodeYaml(text, [virtualService]).facts;
  if (fact?.type !== "routes") throw new Error("no routes");
  const [rule] = fact.value.http;
  t.deepEqual(fact.value.origin, {
    kind: "VirtualService",
    namespace: "default",
    name: "vs",
    position: { file: "test.yaml", line: 3, column: 18, length: 2 },
  });
  t.is(rule?.origin.position.line, 7);
  t.is(rule?.matches[0]?.origin.position.line, 8);
  t.is(rule?.action.type === "forward" && rule.action.destinations[0]?.destination.origin.position.line, 11);
});

test("the body of a direct response has a price, and a limit", (t) => {
  const summary = (bytes: number) =>
    decode(`hosts: [a]\nhttp: [{directResponse: {status: 200, body: {string: ${"x".repeat(bytes)}}}}]`)
      .summary;
  t.deepEqual(summary(100 * 1024), []);
  t.deepEqual(summary(100 * 1024 + 1), ["warning costly-setting spec.http[0].directResponse.body.string"]);
  t.deepEqual(summary(1024 * 1024 + 1), ["error invalid-value spec.http[0].directResponse.body.string"]);
});

test("routing by JWT claims is for gateways, and says that it is not there yet", (t) => {
  const spec = (gateway: string) =>
    `hosts: [a.example.com]\ngateways: [${gateway}]\nhttp: [{match: [{headers: {"@request.auth.claims.group": {exact: x}}}], ${route}}]`;
  const path = `spec.http[0].match[0].headers["@request.auth.claims.group"]`;
  t.deepEqual(decode(spec("gw")).summary, [`warning unsupported-field ${path}`]);
  t.deepEqual(decode(spec("mesh")).summary, [`error invalid-key ${path}`]);
});
