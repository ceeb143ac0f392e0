import test from "ava";
import { chainsOf } from "../testing/summary.ts";
import { object, pod, service, worldOf } from "../testing/world.ts";
import type { ClusterPlan, ProxyView } from "./plan/index.ts";
import type { MeshProxy } from "./proxy.ts";

const web = pod("web", "10.0.0.1", { ports: "{name: web, containerPort: 8000}" });

function viewOf(yaml: string, changes: Partial<MeshProxy> = {}): ProxyView {
  return worldOf(web + yaml).view("web-1.default", changes);
}

/** Chains for one port of the workload, the port left out. */
function portChains(view: ProxyView, port: number): readonly string[] {
  return chainsOf(view, "virtualInbound")
    .filter((line) => line.startsWith(`:${port} `))
    .map((line) => line.slice(`:${port} `.length));
}

const inboundPorts = (view: ProxyView) =>
  view.clusters
    .filter(({ name }) => name.startsWith("inbound|"))
    .map(({ name }) => Number(name.split("|")[1]))
    .sort((a, b) => a - b);

const authn = (mode: string) => object("PeerAuthentication", "a", `{mtls: {mode: ${mode}}}`);
const names = "istio-http/1.0/istio-http/1.1/istio-h2";
const peer = "istio-peer-exchange/istio";
const plainHttp = "http/1.1/h2c";

for (const [portName, mode, ...expected] of [
  ["http", "PERMISSIVE", `tls ${peer}/${names} → mesh tls, http`, "plain → http"],
  ["http", "STRICT", `tls ${peer}/${names} → mesh tls, http`, "tls → mesh tls, http"],
  ["http", "DISABLE", "→ http"],
  ["tcp", "PERMISSIVE", `tls ${peer}/${names} → mesh tls, tcp`, "plain → tcp", "tls → tcp"],
  ["tcp", "STRICT", `tls ${peer}/${names} → mesh tls, tcp`, "tls → mesh tls, tcp"],
  ["tcp", "DISABLE", "→ tcp"],
  ["https", "PERMISSIVE", `tls ${peer}/${names} → mesh tls, tcp`, "plain → tcp", "tls → tcp"],
  [
    "any",
    "PERMISSIVE",
    `tls ${names} → mesh tls, http`,
    `plain ${plainHttp} → http`,
    `tls ${peer} → mesh tls, tcp`,
    "plain → tcp",
    "tls → tcp",
  ],
  ["any", "STRICT", `tls ${names} → mesh tls, http`, `tls ${peer} → mesh tls, tcp`, "tls → mesh tls, tcp"],
  ["any", "DISABLE", `plain ${plainHttp} → http`, "→ tcp"],
] as const) {
  test(`a port named ${portName}, ${mode}`, (t) => {
    const view = viewOf(service("web", { port: 9080, portName }) + authn(mode));
    const lines = portChains(view, 9080).map((line) =>
      line.replace("http inbound|9080||", "http").replace("inbound|9080||", "tcp"),
    );
    t.deepEqual(lines, expected);
  });
}

for (const [portName, protocol, retries] of [
  ["http", "http1", 2],
  ["http2", "http2", 2],
  ["grpc", "http2", undefined],
  ["any", "downstream", 2],
  ["tcp", "tcp", undefined],
] as const) {
  test(`an application behind a port named ${portName} is spoken to in ${protocol}`, (t) => {
    const view = viewOf(service("web", { port: 9080, portName }));
    t.is(view.clusters.find(({ name }) => name === "inbound|9080||")?.protocol, protocol);
    const chains = view.listeners.flatMap((listener) => listener.chains);
    const [attempts] = chains.flatMap(({ match, terminal }) =>
      match.destinationPort === 9080 && terminal.type === "http" && terminal.routes.type === "inline"
        ? terminal.routes.table.virtualHosts.map(({ routes }) => routes[0]?.retries?.attempts)
        : [],
    );
    t.is(attempts, retries);
  });
}

test("ports that nobody describes are passed on as they come, under the same policy", (t) => {
  const lines = (mode: string) =>
    chainsOf(viewOf(authn(mode)), "virtualInbound").map((line) =>
      line.replace("InboundPassthroughCluster", "app"),
    );
  t.deepEqual(lines("STRICT"), [
    ":15006 → BlackHoleCluster",
    `tls ${names} → mesh tls, http app`,
    `tls ${peer} → mesh tls, app`,
    "tls → mesh tls, app",
  ]);
  t.deepEqual(lines("PERMISSIVE"), [
    ":15006 → BlackHoleCluster",
    `tls ${names} → mesh tls, http app`,
    `plain ${plainHttp} → http app`,
    `tls ${peer} → mesh tls, app`,
    "plain → app",
    "tls → app",
  ]);
});

test("a proxy without a certificate asks for none, and lets nobody in where one is asked for", (t) => {
  const http = service("web", { port: 9080 });
  t.deepEqual(portChains(viewOf(http, { hasIdentity: false }), 9080), ["→ http inbound|9080||"]);
  t.deepEqual(portChains(viewOf(http + authn("STRICT"), { hasIdentity: false }), 9080), []);
});

test("a port may have a mode of its own", (t) => {
  const view = viewOf(
    service("web", { port: 80, target: 9080 }) +
      object(
        "PeerAuthentication",
        "a",
        "{selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}, portLevelMtls: {9080: {mode: DISABLE}}}",
      ),
  );
  t.deepEqual(portChains(view, 9080), ["→ http inbound|9080||"]);
});

test("a port that no service has may have a mode of its own as well", (t) => {
  const own = (mode: string) =>
    object(
      "PeerAuthentication",
      "a",
      `{selector: {matchLabels: {app: web}}, mtls: {mode: PERMISSIVE}, portLevelMtls: {5432: {mode: ${mode}}}}`,
    );
  const lines = (mode: string) => portChains(viewOf(service("web", { port: 9080 }) + own(mode)), 5432);
  t.deepEqual(lines("STRICT"), [
    `tls ${names} → mesh tls, http InboundPassthroughCluster`,
    `tls ${peer} → mesh tls, InboundPassthroughCluster`,
    "tls → mesh tls, InboundPassthroughCluster",
  ]);
  t.deepEqual(lines("DISABLE"), [
    `plain ${plainHttp} → http InboundPassthroughCluster`,
    "→ InboundPassthroughCluster",
  ]);
});

for (const [title, yaml, expected] of [
  ["the target's number", service("web", { port: 80, target: 9080 }), [9080]],
  ["the target's name", service("web", { target: "web" }), [8000]],
  ["not of other services", service("web", { target: "gone" }) + service("other"), []],
  [
    "services of one port once",
    service("web", { port: 80, target: 9080 }) +
      service("twin", { port: 81, target: 9080 }).replace("app: twin", "app: web"),
    [9080],
  ],
  [
    "an entry that selects it",
    object(
      "ServiceEntry",
      "api",
      "{hosts: [api.example.com], resolution: STATIC, ports: [{number: 80, name: http, protocol: HTTP, targetPort: 7000}], workloadSelector: {labels: {app: web}}}",
    ),
    [7000],
  ],
  [
    "an entry that lists its address",
    object(
      "ServiceEntry",
      "api",
      "{hosts: [api.example.com], resolution: STATIC, ports: [{number: 80, name: http, protocol: HTTP}], endpoints: [{address: 10.0.0.1, ports: {http: 7001}}, {address: 10.0.0.2}]}",
    ),
    [7001],
  ],
  [
    "not an entry of another namespace that lists it",
    object(
      "ServiceEntry",
      "api",
      "{hosts: [api.example.com], resolution: STATIC, ports: [{number: 80, name: http, protocol: HTTP}], endpoints: [{address: 10.0.0.1}]}",
      "other",
    ),
    [],
  ],
  [
    "the port that a slice lists for it",
    `${service("web", { port: 80 })}
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, namespace: default, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{name: http, port: 8081}]
endpoints: [{addresses: [10.0.0.1], conditions: {ready: true}}]
---`,
    [8081],
  ],
] as const) {
  test(`served ports: ${title}`, (t) => t.deepEqual(inboundPorts(viewOf(yaml)), expected));
}

test("Kubernetes' service says what a port's protocol is, before an entry does", (t) => {
  const entry = object(
    "ServiceEntry",
    "a",
    "{hosts: [api.example.com], resolution: STATIC, ports: [{number: 80, name: tcp, protocol: TCP}], workloadSelector: {labels: {app: web}}}",
  );
  t.true(portChains(viewOf(entry + service("web")), 80).some((line) => line.includes("http inbound")));
});

const cluster = (view: ProxyView, port: number): ClusterPlan | undefined =>
  view.clusters.find(({ name }) => name === `inbound|${port}||`);

test("the application is reached from an address that is not captured again", (t) => {
  t.deepEqual(cluster(viewOf(service("web")), 80)?.discovery, {
    type: "original-dst",
    sourceAddress: "127.0.0.6",
  });
});

const pool = "{tcp: {maxConnections: 7}}";
const limited = object("DestinationRule", "web", `{host: web, trafficPolicy: {connectionPool: ${pool}}}`);

test("limits for clients of a service hold at the service, unless its scope has others", (t) => {
  const connections = (yaml: string) =>
    cluster(viewOf(service("web") + yaml), 80)?.connectionPool?.tcp.maxConnections;
  t.is(connections(""), undefined);
  t.is(connections(limited), 7);
  const scope = object("Sidecar", "s", "{inboundConnectionPool: {tcp: {maxConnections: 9}}}");
  t.is(connections(limited + scope), 9);
  const listener = (more: string) => ingress(more).replace("9080", "80");
  t.is(connections(limited + listener("")), 7);
  t.is(connections(limited + listener(`, connectionPool: ${pool.replace("7", "8")}`)), 8);
});

const ingress = (more: string) =>
  object(
    "Sidecar",
    "s",
    `{workloadSelector: {labels: {app: web}}, ingress: [{port: {number: 9080, protocol: HTTP, name: http}${more}}]}`,
  );

const endpointOf = (view: ProxyView) => {
  const discovery = cluster(view, 9080)?.discovery;
  if (discovery?.type === "original-dst") return `where it was going from ${discovery.sourceAddress}`;
  if (discovery?.type !== "static") return undefined;
  const [endpoint] = discovery.endpoints.localities[0]?.endpoints ?? [];
  return `${endpoint?.address}:${endpoint?.port}${discovery.sourceAddress ? ` from ${discovery.sourceAddress}` : ""}`;
};

for (const [written, expected] of [
  ["", "where it was going from 127.0.0.6"],
  [", defaultEndpoint: 127.0.0.1:8080", "127.0.0.1:8080"],
  [', defaultEndpoint: "[::1]:8080"', "127.0.0.1:8080"],
  [", defaultEndpoint: unix:///tmp/app", "unix:///tmp/app:0"],
  [", defaultEndpoint: 0.0.0.0:8080", "10.0.0.1:8080 from 127.0.0.6"],
] as const) {
  test(`a scope's ingress${written || " without endpoint"} leads to ${expected}`, (t) => {
    t.is(endpointOf(viewOf(service("web", { port: 80 }) + ingress(written))), expected);
  });
}

test("localhost of IPv6 is meant where there is one", (t) => {
  const yaml = web.replace("podIPs: [", 'podIPs: [{ip: "fd00::1"}, ');
  const view = worldOf(yaml + ingress(', defaultEndpoint: "[::1]:8080"')).view("web-1.default");
  t.is(endpointOf(view), "::1:8080");
});

test("a scope's ingress replaces what services say", (t) => {
  const view = viewOf(service("web", { port: 80 }) + ingress(""));
  t.deepEqual(inboundPorts(view), [9080]);
  t.deepEqual(portChains(view, 80), []);
});

test("without interception an ingress binds its port; nothing else listens", (t) => {
  const none = { interceptionMode: "NONE", ip: "127.0.3.1" } as const;
  const listeners = (yaml: string) => viewOf(service("web", { port: 9080 }) + yaml, none).listeners;
  t.deepEqual(listeners(""), []);
  const [bound] = listeners(ingress(", defaultEndpoint: 127.0.0.1:8080"));
  t.like(bound, { name: "127.0.3.1_9080", address: "127.0.3.1", port: 9080, bindToPort: true });
  t.deepEqual(
    bound?.chains.map(({ match }) => match.destinationPort),
    [undefined, undefined],
  );
});

test("what is only to be redirected is not listened for where nothing is", (t) => {
  const { listeners, clusters } = viewOf(ingress(", captureMode: IPTABLES"), { interceptionMode: "NONE" });
  t.deepEqual([listeners, clusters.filter(({ direction }) => direction === "inbound")], [[], []]);
});

test("a port is not inspected where the server may speak first", (t) => {
  const listener = viewOf(
    service("web", { port: 3306, portName: "mysql" }) + authn("DISABLE"),
  ).listeners.find(({ name }) => name === "virtualInbound");
  t.deepEqual(listener?.noHttpDetectionOn, [3306]);
  t.deepEqual(listener?.noTlsDetectionOn, [3306]);
});

test("every chain has the workload's policies", (t) => {
  const view = viewOf(
    service("web") +
      object("AuthorizationPolicy", "deny", "{action: DENY, rules: [{to: [{operation: {methods: [GET]}}]}]}"),
  );
  const listener = view.listeners.find(({ name }) => name === "virtualInbound");
  const open = listener?.chains.filter(({ policies }) => policies.length === 0).map(({ name }) => name);
  t.deepEqual(open, ["virtualInbound-blackhole"]);
});
