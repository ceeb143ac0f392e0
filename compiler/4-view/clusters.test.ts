import test from "ava";
import { object, pod, secret, service, worldOf } from "../testing/world.ts";
import type { ClusterPlan } from "./plan/index.ts";
import type { MeshProxy } from "./proxy.ts";

const client = pod("client", "10.0.0.1");

interface Options {
  readonly proxy?: Partial<MeshProxy>;
  readonly meshConfig?: string;
  readonly subset?: string;
}

function clusterOf(
  yaml: string,
  host: string,
  { proxy, meshConfig, subset = "" }: Options = {},
): ClusterPlan {
  const world = worldOf(client + yaml, meshConfig === undefined ? {} : { meshConfig });
  const { clusters } = world.view("client-1.default", proxy);
  const found = clusters.find(
    ({ name }) =>
      name.startsWith("outbound|") && name.split("|")[2] === subset && name.split("|")[3] === host,
  );
  if (!found) throw new Error(`${host} is not among ${clusters.map(({ name }) => name).join(", ")}`);
  return found;
}

const web = "web.default.svc.cluster.local";
const pods = pod("web", "10.0.1.1") + pod("web", "10.0.1.2", { serviceAccount: "other" });
const plainPod = pod("web", "10.0.1.3").replace("tlsMode: istio", "tlsMode: disabled");
const router = { type: "router" } as const;

for (const [portName, sidecar, gateway] of [
  ["http", "http1", "http1"],
  ["http2-api", "http2", "http2"],
  ["grpc", "http2", "http2"],
  ["tcp-db", "tcp", "tcp"],
  ["https", "tcp", "tcp"],
  ["unheard-of", "downstream", "http1"],
] as const) {
  test(`a port named ${portName} is ${sidecar} for sidecars and ${gateway} for gateways`, (t) => {
    const yaml = service("web", { portName }) + pods;
    t.is(clusterOf(yaml, web).protocol, sidecar);
    t.is(clusterOf(yaml, web, { proxy: router }).protocol, gateway);
  });
}

const underRule = (pool: string) =>
  object("DestinationRule", "web", `{host: web, trafficPolicy: {connectionPool: {${pool}}}}`);

test("who follows the client's protocol is not upgraded, whatever the mesh says", (t) => {
  const follow = underRule("http: {useClientProtocol: true}");
  const meshConfig = "h2UpgradePolicy: UPGRADE";
  for (const portName of ["http", "http2-api", "unheard-of"]) {
    t.is(clusterOf(service("web", { portName }) + follow, web, { meshConfig }).protocol, "downstream");
  }
  t.is(clusterOf(service("web") + pods, web, { meshConfig }).protocol, "http2");
});

test("the mesh's keepalive is there under any rule, which adds to it", (t) => {
  const rule = underRule("tcp: {tcpKeepalive: {interval: 20s}}");
  const cluster = clusterOf(service("web") + rule, web, {
    meshConfig: "tcpKeepalive: {probes: 9, time: 300s}",
  });
  t.deepEqual(cluster.tcpKeepalive, { probes: 9, timeMs: 300_000 });
  t.deepEqual(cluster.connectionPool?.tcp.keepalive, { intervalMs: 20_000 });
});

const entry = (spec: string) => object("ServiceEntry", "api", `{hosts: [api.example.com], ${spec}}`);
const port = "ports: [{number: 80, name: http, protocol: HTTP}]";

for (const [title, yaml, host, proxy, expected] of [
  ["a service", service("web"), web, {}, "eds"],
  [
    "a headless service is called by its pods' addresses",
    service("web", { clusterIP: "None" }),
    web,
    {},
    "original-dst",
  ],
  ["a headless service at a gateway", service("web", { clusterIP: "None" }), web, router, "eds"],
  [
    "a headless service by explicit proxy",
    service("web", { clusterIP: "None" }),
    web,
    { interceptionMode: "NONE" },
    "eds",
  ],
  [
    "static endpoints",
    entry(`${port}, resolution: STATIC, endpoints: [{address: 192.0.2.1}]`),
    "api.example.com",
    {},
    "eds",
  ],
  ["DNS", entry(`${port}, resolution: DNS`), "api.example.com", {}, "strict-dns"],
  [
    "one DNS answer at a time",
    entry(`${port}, resolution: DNS_ROUND_ROBIN`),
    "api.example.com",
    {},
    "logical-dns",
  ],
  ["no resolution", entry(`${port}, resolution: NONE`), "api.example.com", {}, "original-dst"],
  [
    "load balancing left to the client",
    service("web") +
      object("DestinationRule", "web", "{host: web, trafficPolicy: {loadBalancer: {simple: PASSTHROUGH}}}"),
    web,
    {},
    "original-dst",
  ],
  [
    "load balancing left to the client, at a gateway",
    service("web") +
      object("DestinationRule", "web", "{host: web, trafficPolicy: {loadBalancer: {simple: PASSTHROUGH}}}"),
    web,
    router,
    "eds",
  ],
] as const) {
  test(`discovery: ${title}`, (t) => t.is(clusterOf(yaml, host, { proxy }).discovery.type, expected));
}

test("a DNS service without endpoints is found by its own name", (t) => {
  const { discovery } = clusterOf(entry(`${port}, resolution: DNS`), "api.example.com");
  const endpoints = discovery.type === "strict-dns" ? discovery.endpoints.localities : [];
  t.deepEqual(
    endpoints.flatMap((each) => each.endpoints.map(({ address, port }) => `${address}:${port}`)),
    ["api.example.com:80"],
  );
});

const auto = (yaml: string, options?: Options) => clusterOf(service("web") + yaml, web, options).tls;

test("mutual TLS is automatic, and only the service's own identities may answer", (t) => {
  t.deepEqual(auto(pods), {
    type: "mesh-auto",
    sni: "outbound_.80_._.web.default.svc.cluster.local",
    sans: ["spiffe://cluster.local/ns/default/sa/other", "spiffe://cluster.local/ns/default/sa/web"],
  });
});

test("identities of earlier trust domains are accepted as well", (t) => {
  const tls = auto(pod("web", "10.0.1.1"), {
    meshConfig: "{trustDomain: new.example, trustDomainAliases: [old.example]}",
  });
  t.deepEqual(tls.type === "mesh-auto" && tls.sans, [
    "spiffe://new.example/ns/default/sa/web",
    "spiffe://old.example/ns/default/sa/web",
  ]);
});

test("names in the service's object are accepted besides its endpoints'", (t) => {
  const yaml = entry(
    `${port}, location: MESH_INTERNAL, resolution: STATIC, subjectAltNames: [spiffe://other/a],
     endpoints: [{address: 192.0.2.1, serviceAccount: api}]`,
  );
  const { tls } = clusterOf(yaml, "api.example.com");
  t.deepEqual(tls.type === "mesh-auto" && tls.sans, [
    "spiffe://cluster.local/ns/default/sa/api",
    "spiffe://other/a",
  ]);
});

test("it can be turned off for the mesh", (t) => {
  t.is(auto(pods, { meshConfig: "enableAutoMtls: false" }).type, "none");
});

test("a proxy without identity speaks plain text, whatever mesh policy says", (t) => {
  const rule = object("DestinationRule", "web", "{host: web, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}");
  t.is(auto(pods, { proxy: { hasIdentity: false } }).type, "none");
  t.is(auto(pods + rule, { proxy: { hasIdentity: false } }).type, "none");
});

test("outside hosts get no mutual TLS by themselves", (t) => {
  t.is(clusterOf(entry(`${port}, resolution: DNS`), "api.example.com").tls.type, "none");
});

test("where no endpoint can be told from another, all must speak it", (t) => {
  const headless = service("web", { clusterIP: "None" });
  t.is(clusterOf(headless + pods, web).tls.type, "mesh");
  t.is(clusterOf(headless + pods + plainPod, web).tls.type, "none");
  // Shares say who is chosen, and here the client has chosen.
  const elsewhere = object(
    "DestinationRule",
    "web",
    "{host: web, trafficPolicy: {loadBalancer: {localityLbSetting: {distribute: [{from: '*', to: {eu: 100}}]}}}}",
  );
  t.is(clusterOf(headless + pods + elsewhere, web).tls.type, "mesh");
  const off = object("PeerAuthentication", "off", "{mtls: {mode: DISABLE}}");
  t.is(clusterOf(headless + pods + off, web).tls.type, "none");
});

const tlsRule = (tls: string) =>
  object(
    "DestinationRule",
    "web",
    `{host: web, trafficPolicy: {tls: {${tls}}}, subsets: [{name: v1, labels: {version: v1}}]}`,
  );

test("the policy's TLS replaces the automatic", (t) => {
  t.is(auto(pods + tlsRule("mode: DISABLE")).type, "none");
  t.deepEqual(auto(pod("web", "10.0.1.1") + tlsRule("mode: ISTIO_MUTUAL")), {
    type: "mesh",
    sni: "outbound_.80_._.web.default.svc.cluster.local",
    sans: ["spiffe://cluster.local/ns/default/sa/web"],
  });
  t.deepEqual(auto(tlsRule("mode: ISTIO_MUTUAL, sni: other, subjectAltNames: [spiffe://a/b]")), {
    type: "mesh",
    sni: "other",
    sans: ["spiffe://a/b"],
  });
  t.deepEqual(auto(tlsRule("mode: SIMPLE, sni: web.example, caCertificates: /etc/ca.pem")), {
    type: "external",
    sni: "web.example",
    sans: [],
    insecureSkipVerify: false,
    ca: { type: "file", path: "/etc/ca.pem" },
  });
});

test("a subset's mutual TLS names the subset", (t) => {
  const { tls } = clusterOf(service("web") + pods + tlsRule("mode: ISTIO_MUTUAL"), web, { subset: "v1" });
  t.is(tls.type === "mesh" && tls.sni, "outbound_.80_.v1_.web.default.svc.cluster.local");
});

test("every proxy can pass traffic on and refuse it", (t) => {
  for (const type of ["sidecar", "router"] as const) {
    const names = worldOf(client)
      .view("client-1.default", { type })
      .clusters.map(({ name }) => name);
    t.true(names.includes("PassthroughCluster"));
    t.true(names.includes("BlackHoleCluster"));
  }
});

test("the mesh's limits hold for what no service is, but not its outlier detection", (t) => {
  const meshConfig = `defaultTrafficPolicy:
    connectionPool: {tcp: {maxConnections: 7, connectTimeout: 2s}, http: {maxRetries: 4}}
    outlierDetection: {consecutive5xxErrors: 3}`;
  const { clusters } = worldOf(client, { meshConfig }).view("client-1.default");
  const found = clusters.find(({ name }) => name === "PassthroughCluster");
  t.deepEqual(found?.connectionPool, {
    tcp: { maxConnections: 7, connectTimeoutMs: 2000 },
    http: { maxRetries: 4, idleTimeoutMs: 300_000, h2Upgrade: "default", useClientProtocol: false },
  });
  t.is(found?.outlierDetection, undefined);
  const inbound = clusters.find(({ name }) => name === "InboundPassthroughCluster");
  t.is(inbound?.connectionPool?.tcp.maxConnections, undefined);
});

test("clients that are alike share every plan", (t) => {
  const world = worldOf(client + pod("client", "10.0.0.2") + service("web") + pods);
  const clusters = (id: string) => world.view(id).clusters.find(({ name }) => name.endsWith(web));
  t.is(clusters("client-1.default"), clusters("client-2.default"));
});

const forEach = (mode: string) => tlsRule(`mode: ${mode}, sni: web.example, credentialName: card`);
/** Credentials are for chosen sidecars. */
const withCredential = (mode: string) =>
  forEach(mode).replace("spec: {", "spec: {workloadSelector: {matchLabels: {app: client}}, ");
const secretsOf = (yaml: string, proxy: Partial<MeshProxy> = {}) =>
  worldOf(client + service("web") + yaml)
    .view("client-1.default", proxy)
    .secrets.map(({ name, part }) => `${name} ${part}`);

test("a credential of the client's namespace comes with the cluster that shows it", (t) => {
  const yaml = withCredential("MUTUAL") + secret("card", ["tls", "ca"]);
  const { tls, discovery } = clusterOf(service("web") + yaml, web);
  t.is(discovery.type, "eds");
  t.like(tls, {
    type: "external",
    certificate: { type: "sds", name: "kubernetes://card" },
    ca: { type: "sds", name: "kubernetes://card-cacert" },
  });
  t.deepEqual(secretsOf(yaml), ["kubernetes://card certificate", "kubernetes://card-cacert ca"]);
  t.deepEqual(secretsOf(withCredential("SIMPLE") + secret("card-cacert", ["ca"])), [
    "kubernetes://card-cacert ca",
  ]);
});

for (const [title, yaml, proxy] of [
  ["that is nowhere", withCredential("MUTUAL"), {}],
  ["of another namespace", withCredential("MUTUAL") + secret("card", ["tls", "ca"], "other"), {}],
  ["without a key", withCredential("MUTUAL") + secret("card", ["ca"]), {}],
  ["without a CA", withCredential("SIMPLE") + secret("card", ["tls"]), {}],
  [
    "that must not be sent in plain text",
    withCredential("MUTUAL") + secret("card", ["tls", "ca"]),
    { hasIdentity: false },
  ],
] as const) {
  test(`a credential ${title}: the cluster waits for nothing and sends nothing`, (t) => {
    const { tls, discovery } = clusterOf(service("web") + yaml, web, { proxy });
    t.is(tls.type, "none");
    t.is(discovery.type, "black-hole");
    t.deepEqual(secretsOf(yaml, proxy), []);
  });
}

test("a credential under a rule for all sidecars is sent to gateways only; to sidecars the server's is verified by the system's CAs", (t) => {
  const yaml = forEach("SIMPLE") + secret("card", ["tls", "ca"]);
  t.deepEqual(secretsOf(yaml), []);
  t.like(clusterOf(service("web") + yaml, web), {
    discovery: { type: "eds" },
    tls: { type: "external", ca: { type: "system" } },
  });
  t.deepEqual(secretsOf(yaml, router), ["kubernetes://card-cacert ca"]);
  t.like(clusterOf(service("web") + forEach("SIMPLE"), web, { proxy: { hasIdentity: false } }).tls, {
    type: "external",
    ca: { type: "system" },
  });
});
