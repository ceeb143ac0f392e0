// Who may do what: AuthorizationPolicy over HTTP and TCP, tried by callers of different identity, address and manners.

import test from "ava";
import { ports, serviceFile } from "./cast.ts";
import { converse } from "./converse.ts";
import { type CallOptions, type Mesh, startMesh } from "./mesh.ts";
import { eventually } from "./wait-until.ts";

let mesh: Mesh;

/** A sidecar that leads from a local port of the client to the TCP service. */
const clientScope = (namespace: string, app: string, address: string) => `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: ${app}, namespace: ${namespace} }
spec:
  workloadSelector: { labels: { app: ${app} } }
  egress:
    - port: { number: ${ports.tcpService}, protocol: TCP, name: tcp }
      bind: ${address}
      captureMode: NONE
      hosts: ["shop/reviews.shop.svc.cluster.local"]
    - hosts: ["*/*"]
`;

test.before(async () => {
  mesh = await startMesh({
    net: 24,
    members: [
      { name: "client", at: 1, envoy: "sidecar", serves: [] },
      { name: "stranger", at: 2, envoy: "sidecar", namespace: "elsewhere", serves: [] },
      { name: "reviews-v1", at: 3, envoy: "sidecar", serves: ["http", "tcp"] },
    ],
    files: {
      "services.yaml": serviceFile("reviews", { tcp: true }),
      // Each request on a connection of its own: one that is older than a policy would go by the policy before.
      "connections.yaml": `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec: { host: reviews, trafficPolicy: { connectionPool: { http: { maxRequestsPerConnection: 1 } } } }
`,
      "client-scope.yaml": clientScope("shop", "client", "127.0.24.1"),
      "stranger-scope.yaml": clientScope("elsewhere", "stranger", "127.0.24.2"),
    },
  });
});

test.after.always(() => mesh?.stop());

const policy = (name: string, spec: string, namespace = "shop") => `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  ${spec.trim().split("\n").join("\n  ")}
`;

const forReviews = "selector: { matchLabels: { app: reviews } }";
const allow = (rules: string) => policy("allow", `${forReviews}\naction: ALLOW\nrules:\n${rules}`);
const deny = (rules: string) => policy("deny", `${forReviews}\naction: DENY\nrules:\n${rules}`);

type Caller = "client" | "stranger" | "nobody";
interface Request extends CallOptions {
  readonly by?: Caller;
  readonly path?: string;
  readonly host?: string;
}

/** `nobody` calls in plain text, from an address of its own. */
async function statusOf({
  by = "client",
  path = "/",
  host = "reviews.shop",
  ...options
}: Request): Promise<number> {
  if (by !== "nobody") return (await mesh.call(by, `http://${host}:9080${path}`, options)).status;
  const headers = { host, ...options.headers };
  return (await mesh.knock("reviews-v1", { ...options, headers, port: ports.service, path })).status;
}

interface Case {
  readonly policies: readonly string[];
  readonly passes: readonly Request[];
  readonly refused: readonly Request[];
}

const cases: Readonly<Record<string, Case>> = {
  "ALLOW without rules allows nothing": {
    policies: [policy("nothing", `${forReviews}\naction: ALLOW`)],
    passes: [],
    refused: [{}, { by: "nobody" }],
  },
  "an empty rule allows everything": {
    policies: [allow("- {}")],
    passes: [{}, { by: "stranger" }, { by: "nobody" }],
    refused: [],
  },
  principals: {
    policies: [allow('- from: [{ source: { principals: ["cluster.local/ns/shop/sa/client"] } }]')],
    passes: [{}],
    refused: [{ by: "stranger" }, { by: "nobody" }],
  },
  "principals: prefix, suffix and any": {
    policies: [
      allow('- from: [{ source: { principals: ["*/sa/stranger"] } }]'),
      policy(
        "more",
        `${forReviews}\nrules: [{ from: [{ source: { principals: ["*"] } }], to: [{ operation: { methods: [PUT] } }] }]`,
      ),
      policy(
        "shops",
        `${forReviews}\nrules: [{ from: [{ source: { principals: ["cluster.local/ns/shop/*"] } }], to: [{ operation: { methods: [POST] } }] }]`,
      ),
    ],
    passes: [{ by: "stranger" }, { method: "PUT" }, { method: "POST" }],
    refused: [{}, { by: "nobody", method: "PUT" }, { by: "nobody" }],
  },
  notPrincipals: {
    policies: [deny('- from: [{ source: { notPrincipals: ["cluster.local/ns/shop/sa/client"] } }]')],
    passes: [{}],
    refused: [{ by: "stranger" }, { by: "nobody" }],
  },
  namespaces: {
    policies: [allow("- from: [{ source: { namespaces: [elsewhere] } }]")],
    passes: [{ by: "stranger" }],
    refused: [{}, { by: "nobody" }],
  },
  notNamespaces: {
    policies: [allow("- from: [{ source: { notNamespaces: [elsewhere] } }]")],
    passes: [{}, { by: "nobody" }],
    refused: [{ by: "stranger" }],
  },
  serviceAccounts: {
    policies: [allow("- from: [{ source: { serviceAccounts: [client, elsewhere/stranger] } }]")],
    passes: [{}, { by: "stranger" }],
    refused: [{ by: "nobody" }],
  },
  "serviceAccounts: of the policy's own namespace": {
    policies: [allow("- from: [{ source: { serviceAccounts: [stranger] } }]")],
    passes: [],
    refused: [{}, { by: "stranger" }],
  },
  notServiceAccounts: {
    policies: [allow("- from: [{ source: { notServiceAccounts: [client] } }]")],
    passes: [{ by: "stranger" }, { by: "nobody" }],
    refused: [{}],
  },
  ipBlocks: {
    policies: [allow('- from: [{ source: { ipBlocks: ["127.0.0.0/24"] } }]')],
    passes: [{ by: "nobody" }, {}],
    refused: [],
  },
  "ipBlocks: another range": {
    policies: [allow('- from: [{ source: { ipBlocks: ["10.0.0.0/8", "192.168.1.1"] } }]')],
    passes: [],
    refused: [{ by: "nobody" }, {}],
  },
  notIpBlocks: {
    policies: [allow('- from: [{ source: { notIpBlocks: ["127.0.0.0/8"] } }]')],
    passes: [],
    refused: [{ by: "nobody" }, {}],
  },
  methods: {
    policies: [allow("- to: [{ operation: { methods: [GET, POST] } }]")],
    passes: [{}, { method: "POST" }],
    refused: [{ method: "DELETE" }],
  },
  notMethods: {
    policies: [deny("- to: [{ operation: { notMethods: [GET] } }]")],
    passes: [{}],
    refused: [{ method: "POST" }],
  },
  "paths: exact, prefix, suffix": {
    policies: [allow('- to: [{ operation: { paths: ["/exact", "/prefix/*", "*.css"] } }]')],
    passes: [{ path: "/exact" }, { path: "/exact?q=1" }, { path: "/prefix/x/y" }, { path: "/a/b.css" }],
    refused: [{ path: "/exact/x" }, { path: "/prefix" }, { path: "/a.css/b" }, { path: "/" }],
  },
  "paths: templates": {
    policies: [allow('- to: [{ operation: { paths: ["/orders/{*}/items", "/files/{**}"] } }]')],
    passes: [{ path: "/orders/7/items" }, { path: "/orders/7/items?q=1" }, { path: "/files/a/b/c" }],
    refused: [{ path: "/orders/7/8/items" }, { path: "/orders/items" }, { path: "/orders/7/items/1" }],
  },
  "paths: not to be dodged": {
    policies: [deny('- to: [{ operation: { paths: ["/admin*"] } }]')],
    passes: [{ path: "/public" }],
    refused: [{ path: "/admin" }, { path: "/x/../admin" }, { path: "/%61dmin" }],
  },
  notPaths: {
    policies: [allow('- to: [{ operation: { notPaths: ["/private*"] } }]')],
    passes: [{ path: "/" }],
    refused: [{ path: "/private/x" }],
  },
  "hosts, whatever their case": {
    policies: [allow('- to: [{ operation: { hosts: ["good.example", "*.wild.example"] } }]')],
    passes: [
      { by: "nobody", host: "good.example" },
      { by: "nobody", host: "GOOD.example" },
      { by: "nobody", host: "a.wild.example" },
    ],
    refused: [
      { by: "nobody", host: "bad.example" },
      { by: "nobody", host: "wild.example" },
    ],
  },
  "hosts: with the port written out": {
    policies: [allow('- to: [{ operation: { hosts: ["good.example:*"] } }]')],
    passes: [{ by: "nobody", host: "good.example:9080" }],
    refused: [{ by: "nobody", host: "good.example" }],
  },
  "ports of the workload": {
    policies: [allow(`- to: [{ operation: { ports: ["${ports.service}"] } }]`)],
    passes: [{}],
    refused: [],
  },
  notPorts: {
    policies: [deny(`- to: [{ operation: { notPorts: ["${ports.tcp}"] } }]`)],
    passes: [],
    refused: [{}],
  },
  "when: request.headers": {
    policies: [allow("- when: [{ key: 'request.headers[x-role]', values: [admin, 'dev*'] }]")],
    passes: [{ headers: { "x-role": "admin" } }, { headers: { "x-role": "developer" } }],
    refused: [{}, { headers: { "x-role": "guest" } }],
  },
  "when: notValues": {
    policies: [allow("- when: [{ key: 'request.headers[x-role]', notValues: [guest] }]")],
    passes: [{ headers: { "x-role": "admin" } }, {}],
    refused: [{ headers: { "x-role": "guest" } }],
  },
  "when: source.principal and source.namespace": {
    policies: [
      allow(`- when:
    - { key: source.namespace, values: [shop] }
    - { key: source.principal, notValues: ["cluster.local/ns/shop/sa/other"] }`),
    ],
    passes: [{}],
    refused: [{ by: "stranger" }, { by: "nobody" }],
  },
  "when: source.serviceAccount": {
    policies: [allow("- when: [{ key: source.serviceAccount, values: [elsewhere/stranger] }]")],
    passes: [{ by: "stranger" }],
    refused: [{}],
  },
  "when: source.ip and destination": {
    policies: [
      allow(`- when:
    - { key: source.ip, values: ["127.0.0.0/8"] }
    - { key: destination.ip, values: ["127.0.24.3"] }
    - { key: destination.port, values: ["${ports.service}"] }`),
    ],
    passes: [{}, { by: "nobody" }],
    refused: [],
  },
  "when: another destination": {
    policies: [allow(`- when: [{ key: destination.port, values: ["80"] }]`)],
    passes: [],
    refused: [{}],
  },
  "when: connection.sni": {
    policies: [allow(`- when: [{ key: connection.sni, values: ["*reviews.shop.svc.cluster.local"] }]`)],
    passes: [{}],
    refused: [{ by: "nobody" }],
  },
  "conditions of one rule all hold, any of several rules": {
    policies: [
      allow(`- from: [{ source: { namespaces: [shop] } }]
  to: [{ operation: { methods: [GET], paths: ["/a*"] } }]
- from: [{ source: { namespaces: [elsewhere] } }, { source: { principals: ["nobody"] } }]`),
    ],
    passes: [{ path: "/a" }, { by: "stranger", path: "/b", method: "PUT" }],
    refused: [{ path: "/b" }, { path: "/a", method: "PUT" }, { by: "nobody", path: "/a" }],
  },
  "DENY goes before ALLOW": {
    policies: [allow("- {}"), deny("- to: [{ operation: { methods: [DELETE] } }]")],
    passes: [{}],
    refused: [{ method: "DELETE" }],
  },
  "policies of the namespace and of the mesh": {
    policies: [
      policy("mesh", 'action: DENY\nrules: [{ to: [{ operation: { paths: ["/mesh"] } }] }]', "istio-system"),
      policy("namespace", 'action: DENY\nrules: [{ to: [{ operation: { paths: ["/namespace"] } }] }]'),
      policy(
        "elsewhere",
        'action: DENY\nrules: [{ to: [{ operation: { paths: ["/elsewhere"] } }] }]',
        "elsewhere",
      ),
      policy("others", "selector: { matchLabels: { app: x } }\naction: DENY\nrules: [{}]"),
    ],
    passes: [{}, { path: "/elsewhere" }],
    refused: [{ path: "/mesh" }, { path: "/namespace" }],
  },
};

for (const [name, { policies, passes, refused }] of Object.entries(cases)) {
  test.serial(name, async (t) => {
    await mesh.policy(...policies);
    // What is refused first: what passes might pass by the policy of the test before.
    for (const request of refused) {
      const status = await eventually(
        () => statusOf(request),
        (each) => each === 403,
      );
      t.is(status, 403, `refused ${JSON.stringify(request)}`);
    }
    for (const request of passes) {
      const status =
        refused.length > 0
          ? await statusOf(request)
          : await eventually(
              () => statusOf(request),
              (each) => each === 200,
            );
      t.is(status, 200, `passes ${JSON.stringify(request)}`);
    }
  });
}

/** Whether bytes come back over TCP. */
async function overTcp(by: Caller): Promise<boolean> {
  const [host, port] =
    by === "nobody" ? [mesh.address("reviews-v1"), ports.tcp] : [mesh.address(by), ports.tcpService];
  return converse({ host, port, text: "hello" }).then(
    (text) => text === "reviews-v1: hello",
    () => false,
  );
}

const tcpCases: Readonly<
  Record<
    string,
    {
      readonly policies: readonly string[];
      readonly passes: readonly Caller[];
      readonly refused: readonly Caller[];
    }
  >
> = {
  "TCP: without policy": { policies: [""], passes: ["client", "stranger", "nobody"], refused: [] },
  "TCP: principals": {
    policies: [allow('- from: [{ source: { principals: ["cluster.local/ns/shop/sa/client"] } }]')],
    passes: ["client"],
    refused: ["stranger", "nobody"],
  },
  "TCP: namespaces, and the port": {
    policies: [
      deny(`- from: [{ source: { namespaces: [elsewhere] } }]
  to: [{ operation: { ports: ["${ports.tcp}"] } }]`),
    ],
    passes: ["client", "nobody"],
    refused: ["stranger"],
  },
  "TCP: an ALLOW rule that asks for HTTP never holds": {
    policies: [allow("- to: [{ operation: { methods: [GET] } }]")],
    passes: [],
    refused: ["client", "nobody"],
  },
  "TCP: a DENY rule that asks for HTTP goes by the rest of it": {
    policies: [deny(`- to: [{ operation: { methods: [GET], ports: ["${ports.tcp}"] } }]`)],
    passes: [],
    refused: ["client", "nobody"],
  },
};

for (const [name, { policies, passes, refused }] of Object.entries(tcpCases)) {
  test.serial(name, async (t) => {
    await mesh.policy(...policies);
    for (const by of refused) {
      const passed = await eventually(
        () => overTcp(by),
        (each) => !each,
      );
      t.false(passed, `${by} is refused`);
    }
    for (const by of passes) t.true(await overTcp(by), `${by} passes`);
  });
}
