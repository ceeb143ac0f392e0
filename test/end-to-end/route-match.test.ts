// Which requests an HTTP route takes: every condition of a VirtualService match, seen from the client's side.

import test from "ava";
import { serviceFile } from "./cast.ts";
import { type CallOptions, type Mesh, startMesh } from "./mesh.ts";

let mesh: Mesh;

test.before(async () => {
  mesh = await startMesh({
    net: 20,
    members: [
      { name: "client", at: 1, envoy: "sidecar", serves: [] },
      { name: "stranger", at: 2, envoy: "sidecar", namespace: "elsewhere", serves: [] },
      { name: "reviews-v1", at: 3 },
      { name: "reviews-v2", at: 4 },
      { name: "ratings-v1", at: 5 },
    ],
    files: {
      "services.yaml": [serviceFile("reviews"), serviceFile("ratings")].join("---"),
      "subsets.yaml": `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  subsets:
    - { name: v1, labels: { version: v1 } }
    - { name: v2, labels: { version: v2 } }
`,
    },
  });
});

test.after.always(() => mesh?.stop());

/** `match` goes to v2, everything else to v1. */
const routeBy = (match: string) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - name: chosen
      match: ${match}
      route:
        - destination: { host: reviews, subset: v2 }
    - name: rest
      route:
        - destination: { host: reviews, subset: v1 }
`;

type Call = readonly [url: string, options?: CallOptions];

/** A policy, the calls that it must take, and calls that come close and must pass by. */
interface Case {
  readonly match: string;
  readonly takes: readonly Call[];
  readonly leaves: readonly Call[];
}

const at = (path: string) => `http://reviews:9080${path}`;
const headers = (pairs: Readonly<Record<string, string>>): CallOptions => ({ headers: pairs });

const cases: Readonly<Record<string, Case>> = {
  "uri: exact": {
    match: "[{ uri: { exact: /reviews/1 } }]",
    takes: [[at("/reviews/1")], [at("/reviews/1?q=1")]],
    leaves: [[at("/reviews/12")], [at("/reviews")], [at("/Reviews/1")]],
  },
  "uri: prefix": {
    match: "[{ uri: { prefix: /api/v1 } }]",
    takes: [[at("/api/v1")], [at("/api/v1/x")], [at("/api/v10")]],
    leaves: [[at("/api/v2")], [at("/x/api/v1")]],
  },
  "uri: regex": {
    match: "[{ uri: { regex: '/b[aeiou]+t/[0-9]{2}' } }]",
    takes: [[at("/boat/12")], [at("/bat/00?x")]],
    leaves: [[at("/boat/123")], [at("/bt/12")], [at("/x/boat/12")]],
  },
  ignoreUriCase: {
    match:
      "[{ uri: { exact: /Reviews }, ignoreUriCase: true }, { uri: { prefix: /API/ }, ignoreUriCase: true }]",
    takes: [[at("/reviews")], [at("/REVIEWS")], [at("/Api/x")]],
    leaves: [[at("/review")], [at("/ap/")]],
  },
  method: {
    match: "[{ method: { exact: POST } }]",
    takes: [[at("/"), { method: "POST" }]],
    leaves: [[at("/"), { method: "PUT" }], [at("/")]],
  },
  "method: regex": {
    match: "[{ method: { regex: 'GET|HEAD' } }]",
    takes: [[at("/")]],
    leaves: [[at("/"), { method: "DELETE" }]],
  },
  authority: {
    match: "[{ authority: { prefix: 'reviews.shop' } }]",
    takes: [["http://reviews.shop:9080/"], ["http://reviews.shop.svc.cluster.local:9080/"]],
    leaves: [["http://reviews:9080/"]],
  },
  scheme: {
    match: "[{ scheme: { exact: https } }]",
    takes: [],
    leaves: [[at("/")]],
  },
  "scheme: the one in use": {
    match: "[{ scheme: { exact: http } }]",
    takes: [[at("/")]],
    leaves: [],
  },
  "headers: exact, prefix, regex": {
    match: `[{ headers: { x-a: { exact: one }, x-b: { prefix: tw }, x-c: { regex: 'th[re]+' } } }]`,
    takes: [[at("/"), headers({ "x-a": "one", "x-b": "two", "x-c": "three" })]],
    leaves: [
      [at("/"), headers({ "x-a": "one!", "x-b": "two", "x-c": "three" })],
      [at("/"), headers({ "x-a": "one", "x-b": "on", "x-c": "three" })],
      [at("/"), headers({ "x-a": "one", "x-b": "two", "x-c": "three!" })],
      [at("/"), headers({ "x-a": "one", "x-b": "two" })],
    ],
  },
  "headers: presence": {
    match: "[{ headers: { x-a: {} } }]",
    takes: [[at("/"), headers({ "x-a": "anything" })]],
    leaves: [[at("/")]],
  },
  withoutHeaders: {
    match: "[{ withoutHeaders: { x-a: { exact: secret }, x-b: {} } }]",
    takes: [[at("/")], [at("/"), headers({ "x-a": "other" })]],
    leaves: [
      [at("/"), headers({ "x-a": "secret" })],
      [at("/"), headers({ "x-b": "" })],
      [at("/"), headers({ "x-b": "any" })],
    ],
  },
  "queryParams: exact, prefix, regex, presence": {
    match: "[{ queryParams: { a: { exact: '1' }, b: { regex: '[0-9]+' }, c: { prefix: x }, d: {} } }]",
    takes: [[at("/?a=1&b=22&c=xy&d=")], [at("/?d=7&c=x&b=0&a=1&e=5")]],
    leaves: [
      [at("/?a=2&b=22&c=xy&d=")],
      [at("/?a=1&b=2x&c=xy&d=")],
      [at("/?a=1&b=22&c=y&d=")],
      [at("/?a=1&b=22&c=xy")],
    ],
  },
  port: {
    match: "[{ port: 80 }]",
    takes: [["http://reviews/"], ["http://reviews:80/"]],
    leaves: [["http://reviews:9080/"]],
  },
  sourceLabels: {
    match: "[{ sourceLabels: { app: client } }]",
    takes: [[at("/")]],
    leaves: [],
  },
  "sourceLabels: of others": {
    match: "[{ sourceLabels: { app: client, version: v9 } }]",
    takes: [],
    leaves: [[at("/")]],
  },
  sourceNamespace: {
    match: "[{ sourceNamespace: shop }]",
    takes: [[at("/")]],
    leaves: [],
  },
  "sourceNamespace: another": {
    match: "[{ sourceNamespace: elsewhere }]",
    takes: [],
    leaves: [[at("/")]],
  },
  "gateways: only at a gateway": {
    match: "[{ gateways: [shop/some-gateway] }]",
    takes: [],
    leaves: [[at("/")]],
  },
  "gateways: mesh": {
    match: "[{ gateways: [mesh], uri: { prefix: / } }]",
    takes: [[at("/")]],
    leaves: [],
  },
  "all conditions of one match, any of several matches": {
    match: "[{ uri: { prefix: /a }, method: { exact: PUT } }, { headers: { x-b: { exact: b } } }]",
    takes: [
      [at("/a"), { method: "PUT" }],
      [at("/c"), headers({ "x-b": "b" })],
    ],
    leaves: [[at("/a")], [at("/c"), { method: "PUT" }]],
  },
};

for (const [name, { match, takes, leaves }] of Object.entries(cases)) {
  test.serial(name, async (t) => {
    await mesh.policy(routeBy(match));
    for (const call of takes) t.is(await serverOf(call), "reviews-v2", `takes ${JSON.stringify(call)}`);
    for (const call of leaves) t.is(await serverOf(call), "reviews-v1", `leaves ${JSON.stringify(call)}`);
  });
}

async function serverOf([url, options]: Call): Promise<string> {
  return (await mesh.call("client", url, options)).server;
}

test.serial("sourceNamespace is judged for each client", async (t) => {
  await mesh.policy(routeBy("[{ sourceNamespace: elsewhere }]"));
  t.is((await mesh.call("stranger", "http://reviews.shop:9080/")).server, "reviews-v2");
  t.is((await mesh.call("client", "http://reviews.shop:9080/")).server, "reviews-v1");
});
