import test from "ava";
import { chainsOf } from "../testing/summary.ts";
import { object, pod, service, worldOf } from "../testing/world.ts";
import type { MeshProxy } from "./proxy.ts";

const client = pod("client", "10.0.0.1", { labels: "version: v1" });
const viewOf = (yaml: string, proxy: Partial<MeshProxy> = {}, meshConfig = "{}") =>
  worldOf(client + yaml, { meshConfig }).view("client-1.default", proxy);
const outbound = (yaml: string, proxy?: Partial<MeshProxy>, meshConfig?: string) =>
  viewOf(yaml, proxy, meshConfig)
    .listeners.filter(({ direction }) => direction === "outbound")
    .map(({ name }) => name);

const http = "plain http/1.1/h2c";
const web = "web.default.svc.cluster.local";
const db = "db.default.svc.cluster.local";

test("HTTP is told apart by name, so that it needs no address", (t) => {
  const view = viewOf(service("web", { clusterIP: "10.9.0.1" }));
  t.deepEqual(chainsOf(view, "0.0.0.0_80"), [`${http} → routes 80`, "else → PassthroughCluster"]);
  t.deepEqual(
    view.listeners.filter(({ direction }) => direction === "outbound").map(({ name }) => name),
    ["0.0.0.0_80", "virtualOutbound"],
  );
});

test("what is not HTTP on a port of HTTP services goes on only if unknown destinations may", (t) => {
  const view = viewOf(service("web"), {}, "outboundTrafficPolicy: {mode: REGISTRY_ONLY}");
  t.deepEqual(chainsOf(view, "0.0.0.0_80"), [`${http} → routes 80`, "else → BlackHoleCluster"]);
  t.deepEqual(chainsOf(view, "virtualOutbound"), [":15001 → BlackHoleCluster", "else → BlackHoleCluster"]);
});

test("TCP is told apart by address", (t) => {
  const view = viewOf(service("db", { port: 5432, portName: "tcp", clusterIP: "10.9.0.1" }));
  t.deepEqual(chainsOf(view, "10.9.0.1_5432"), [`else → outbound|5432||${db}`]);
});

test("TCP without an address takes its port", (t) => {
  const view = viewOf(service("db", { port: 5432, portName: "tcp" }));
  t.deepEqual(chainsOf(view, "0.0.0.0_5432"), [`else → outbound|5432||${db}`]);
});

const entry = (name: string, spec: string) =>
  object("ServiceEntry", name, `{location: MESH_EXTERNAL, ${spec}}`);

test("address ranges share a listener, one chain each", (t) => {
  const range = (name: string, addresses: string) =>
    entry(
      name,
      `hosts: [${name}.example.com], addresses: [${addresses}], resolution: NONE, ports: [{number: 9000, name: tcp, protocol: TCP}]`,
    );
  const view = viewOf(range("a", "192.0.2.0/24") + range("b", "198.51.100.0/24, 203.0.113.7"));
  t.deepEqual(chainsOf(view, "0.0.0.0_9000"), [
    "192.0.2.0/24 → outbound|9000||a.example.com",
    "198.51.100.0/24 → outbound|9000||b.example.com",
    "else → PassthroughCluster",
  ]);
  t.deepEqual(chainsOf(view, "203.0.113.7_9000"), ["else → outbound|9000||b.example.com"]);
});

test("a headless TCP service is called at each pod's address", (t) => {
  const yaml =
    service("db", { port: 5432, portName: "tcp", clusterIP: "None" }) +
    pod("db", "10.0.2.1") +
    pod("db", "10.0.2.2");
  t.deepEqual(outbound(yaml), ["10.0.2.1_5432", "10.0.2.2_5432", "virtualOutbound"]);
});

test("a detected port is HTTP or TCP, as its first bytes say", (t) => {
  const view = viewOf(service("web", { portName: "any", clusterIP: "10.9.0.1" }));
  t.deepEqual(chainsOf(view, "10.9.0.1_80"), [`${http} → routes ${web}:80`, `else → outbound|80||${web}`]);
});

test("of services with a detected port at one address the oldest has what comes there", (t) => {
  const detected = (name: string, port = "any", clusterIP = "10.9.0.1") =>
    service(name, { portName: port, clusterIP });
  const view = viewOf(detected("b") + detected("a", "tcp") + detected("c") + detected("d", "http"));
  t.deepEqual(chainsOf(view, "10.9.0.1_80"), [
    `${http} → routes b.default.svc.cluster.local:80`,
    "else → outbound|80||a.default.svc.cluster.local",
  ]);
  t.deepEqual(chainsOf(view, "0.0.0.0_80"), [`${http} → routes 80`, "else → PassthroughCluster"]);
});

test("a detected port of a headless service is its own at each pod's address, and one of a range is not", (t) => {
  const view = viewOf(
    service("db", { portName: "any", clusterIP: "None" }) +
      pod("db", "10.0.2.1") +
      entry(
        "wide",
        "hosts: [wide.example], addresses: [10.8.0.0/16, 10.7.0.1], ports: [{number: 80, name: any}], resolution: NONE",
      ),
  );
  t.is(chainsOf(view, "10.0.2.1_80")[0], `${http} → routes db.default.svc.cluster.local:80`);
  t.is(chainsOf(view, "10.7.0.1_80")[0], `${http} → routes wide.example:80`);
  t.is(chainsOf(view, "0.0.0.0_80")[0], `${http} → routes 80`);
});

test("UDP has no listener", (t) => {
  const yaml = service("dns", { port: 53, portName: "dns" }).replace("port: 53", "port: 53, protocol: UDP");
  t.deepEqual(outbound(yaml), ["virtualOutbound"]);
});

const tlsEntry = (name: string, host: string, more = "") =>
  entry(
    name,
    `hosts: ["${host}"], ports: [{number: 443, name: tls, protocol: TLS}], resolution: NONE${more}`,
  );

test("TLS services without addresses are told apart by SNI", (t) => {
  const view = viewOf(tlsEntry("a", "a.example.com") + tlsEntry("b", "*.b.example.com"));
  t.deepEqual(chainsOf(view, "0.0.0.0_443"), [
    "tls a.example.com → outbound|443||a.example.com",
    "tls *.b.example.com → outbound|443||*.b.example.com",
    "else → PassthroughCluster",
  ]);
});

test("whoever calls a TLS service by another name of its is led to it", (t) => {
  const alias = `
apiVersion: v1
kind: Service
metadata: {name: shop, namespace: default}
spec: {type: ExternalName, externalName: a.example.com}`;
  const names =
    "shop.default.svc.cluster.local shop.default.svc.cluster.local. shop shop.default shop.default.svc";
  t.deepEqual(chainsOf(viewOf(tlsEntry("a", "a.example.com") + alias), "0.0.0.0_443"), [
    `tls a.example.com ${names} → outbound|443||a.example.com`,
    "else → PassthroughCluster",
  ]);
});

test("a TLS service with its own address takes every SNI there", (t) => {
  const view = viewOf(tlsEntry("a", "a.example.com", ", addresses: [192.0.2.1]"));
  t.deepEqual(chainsOf(view, "192.0.2.1_443"), ["else → outbound|443||a.example.com"]);
});

const routes = (spec: string) => object("VirtualService", "routes", spec);

test("SNI rules say where their names go, and other names are unknown", (t) => {
  const rule = routes(
    `{hosts: [a.example.com, b.example.com], tls: [
      {match: [{sniHosts: [a.example.com]}], route: [{destination: {host: b.example.com}}]},
      {match: [{sniHosts: [b.example.com], sourceLabels: {version: v2}}], route: [{destination: {host: a.example.com}}]}]}`,
  );
  const shared = viewOf(tlsEntry("a", "a.example.com") + tlsEntry("b", "b.example.com") + rule);
  t.deepEqual(chainsOf(shared, "0.0.0.0_443"), [
    "tls a.example.com → outbound|443||b.example.com",
    "else → PassthroughCluster",
  ]);
  const own = viewOf(
    tlsEntry("a", "a.example.com", ", addresses: [192.0.2.1]") + tlsEntry("b", "b.example.com") + rule,
  );
  t.deepEqual(chainsOf(own, "192.0.2.1_443"), [
    "tls a.example.com → outbound|443||b.example.com",
    "else → PassthroughCluster",
  ]);
});

test("SNI rules for some hosts of a wildcard leave it the others", (t) => {
  const rule = (...hosts: readonly string[]) =>
    routes(
      `{hosts: [${hosts.map((host) => `"${host}"`).join()}], tls: [{match: [{sniHosts: [a.example.com]}], route: [{destination: {host: other.net}}]}],
       tcp: [{route: [{destination: {host: other.net}}]}]}`,
    );
  const entries = (more: string) => tlsEntry("a", "*.example.com", more) + tlsEntry("b", "other.net");
  const some = rule("a.example.com", "*.b.example.com");
  t.deepEqual(chainsOf(viewOf(entries("") + some), "0.0.0.0_443"), [
    "tls a.example.com → outbound|443||other.net",
    "tls *.example.com → outbound|443||*.example.com",
    "tls other.net → outbound|443||other.net",
    "else → PassthroughCluster",
  ]);
  t.deepEqual(chainsOf(viewOf(entries(", addresses: [192.0.2.1]") + some), "192.0.2.1_443"), [
    "tls a.example.com → outbound|443||other.net",
    "else → outbound|443||*.example.com",
  ]);
  t.deepEqual(chainsOf(viewOf(entries("") + rule("*.example.com")), "0.0.0.0_443"), [
    "tls a.example.com → outbound|443||other.net",
    "tls other.net → outbound|443||other.net",
    "else → PassthroughCluster",
  ]);
});

test("an SNI that Envoy cannot match makes no chain", (t) => {
  const rule = routes(
    `{hosts: ["*"], tls: [{match: [{sniHosts: ["*-api.example.com", "*.example.com"]}], route: [{destination: {host: a.example.com}}]}]}`,
  );
  const view = worldOf(client + tlsEntry("a", "a.example.com") + rule, { allowErrors: true }).view(
    "client-1.default",
  );
  t.false(JSON.stringify(view.listeners).includes("*-api"));
});

test("TCP rules split by subnet and weight", (t) => {
  const rule = routes(
    `{hosts: [db], tcp: [
      {match: [{destinationSubnets: [10.9.0.0/24], port: 5432}], route: [{destination: {host: web, port: {number: 80}}}]},
      {match: [{port: 1}], route: [{destination: {host: nowhere}}]},
      {route: [{destination: {host: db}, weight: 90}, {destination: {host: web}, weight: 10}]}]}`,
  );
  const yaml = service("db", { port: 5432, portName: "tcp" }) + service("web", { portName: "tcp" }) + rule;
  const view = worldOf(client + yaml, { allowErrors: true }).view("client-1.default");
  t.deepEqual(chainsOf(view, "0.0.0.0_5432"), [
    `10.9.0.0/24 → outbound|80||${web}`,
    `else → outbound|5432||${db}*90, outbound|80||${web}*10`,
  ]);
});

test("a TCP rule for other clients leaves the service's own way", (t) => {
  const rule = routes(
    `{hosts: [db], tcp: [
      {match: [{sourceLabels: {version: v2}}], route: [{destination: {host: web}}]},
      {match: [{sourceNamespace: other}], route: [{destination: {host: web}}]}]}`,
  );
  const view = viewOf(
    service("db", { port: 5432, portName: "tcp" }) + service("web", { portName: "tcp" }) + rule,
  );
  t.deepEqual(chainsOf(view, "0.0.0.0_5432"), [`else → outbound|5432||${db}`]);
});

test("the explicit proxy listens where the application is, if the mesh asks for one", (t) => {
  const view = viewOf(service("web"), {}, "proxyHttpPort: 15080");
  t.deepEqual(chainsOf(view, "127.0.0.1_15080"), ["any → routes http_proxy"]);
  t.true(view.listeners.find(({ name }) => name === "127.0.0.1_15080")?.bindToPort);
});

test("on loopback a proxy has its workload's address alone", (t) => {
  const view = viewOf(service("web"), { ip: "127.0.1.1" }, "proxyHttpPort: 15080");
  t.deepEqual(
    view.listeners.filter(({ direction }) => direction === "outbound").map(({ name }) => name),
    ["127.0.1.1_15080", "127.0.1.1_80", "virtualOutbound"],
  );
});

test("without interception nothing listens but what was asked for", (t) => {
  const scope = object(
    "Sidecar",
    "scope",
    `{egress: [{port: {number: 9080, protocol: HTTP, name: http}, bind: 127.0.0.7, hosts: ["./*"]}, {hosts: ["*/*"]}]}`,
  );
  t.deepEqual(outbound(service("web"), { interceptionMode: "NONE" }), []);
  const view = viewOf(service("web", { port: 9080 }) + scope, { interceptionMode: "NONE" });
  t.deepEqual(chainsOf(view, "127.0.0.7_9080"), ["any → routes 9080"]);
  t.true(view.listeners.find(({ name }) => name === "127.0.0.7_9080")?.bindToPort);
});

test("an egress port of a captured scope serves what its hosts offer there", (t) => {
  const scope = object(
    "Sidecar",
    "scope",
    `{egress: [{port: {number: 80, protocol: HTTP, name: http}, hosts: ["a/*"]}, {hosts: ["./*"]}]}`,
  );
  const yaml = service("web") + service("far", { namespace: "a" }) + service("other", { port: 81 });
  const view = viewOf(yaml + scope);
  const listener = view.listeners.find(({ name }) => name === "0.0.0.0_80");
  t.false(listener?.bindToPort);
  t.deepEqual(chainsOf(view, "0.0.0.0_80"), [`${http} → routes 80`, "else → PassthroughCluster"]);
  const hosts = (name: string) =>
    view.routeTables.find((table) => table.name === name)?.virtualHosts.map((host) => host.name);
  t.deepEqual(hosts("80"), ["far.a.svc.cluster.local:80", "allow_any"]);
  t.deepEqual(hosts("81"), ["other.default.svc.cluster.local:81", "allow_any"]);
});

test("an egress port without a protocol leaves detected ports to the addresses of their services", (t) => {
  const scope = object(
    "Sidecar",
    "s",
    '{egress: [{port: {number: 80, name: any}, hosts: ["./*"]}, {hosts: ["shop/*"]}]}',
  );
  const some = { portName: "any", clusterIP: "10.9.0.1" };
  const view = viewOf(scope + service("web", some) + service("other", { ...some, clusterIP: "10.9.0.2" }));
  t.is(chainsOf(view, "10.9.0.1_80")[0], `${http} → routes ${web}:80`);
  t.true(view.routeTables.some(({ name }) => name === `${web}:80`));
});

test("an egress port without an address takes nothing but what is for its services", (t) => {
  const scope = object(
    "Sidecar",
    "scope",
    '{egress: [{port: {number: 5432, protocol: TCP, name: tcp}, hosts: ["./*"]}]}',
  );
  const db = (name: string, clusterIP: string) => service(name, { port: 5432, portName: "any", clusterIP });
  const view = viewOf(db("db", "10.9.0.1") + db("archive", "10.9.0.2") + scope);
  t.deepEqual(chainsOf(view, "0.0.0.0_5432"), ["no such listener"]);
  t.deepEqual(chainsOf(view, "10.9.0.1_5432"), ["else → outbound|5432||db.default.svc.cluster.local"]);
  t.deepEqual(chainsOf(view, "10.9.0.2_5432"), ["else → outbound|5432||archive.default.svc.cluster.local"]);
});

const egressAs = (protocol: string) =>
  object(
    "Sidecar",
    "scope",
    `{egress: [{port: {number: 80, protocol: ${protocol}, name: port}, bind: 127.0.0.7, hosts: ["./*"]}]}`,
  );

for (const [portName, protocol, ...expected] of [
  ["http", "TCP", `else → outbound|80||${web}`],
  ["tcp", "HTTP", "any → routes 80"],
  ["tcp", "MONGO", `else → outbound|80||${web}`],
  ["http", "UDP", "no such listener"],
] as const) {
  test(`an egress port of ${protocol} is that, also where a service has ${portName} there`, (t) => {
    const view = viewOf(service("web", { portName }) + egressAs(protocol), { interceptionMode: "NONE" });
    t.deepEqual(chainsOf(view, "127.0.0.7_80"), expected);
    t.is(
      view.routeTables.some(({ name }) => name === "80"),
      protocol === "HTTP",
    );
  });
}

test("of TCP services that nothing tells apart the oldest has the connections", (t) => {
  const older = service("web", { portName: "tcp" }).replace(
    "name: web,",
    'name: web, creationTimestamp: "2026-01-01T00:00:00Z",',
  );
  const yaml = service("db", { portName: "tcp" }) + older;
  t.deepEqual(chainsOf(viewOf(yaml), "0.0.0.0_80"), [`else → outbound|80||${web}`]);
  const bound = viewOf(yaml + egressAs("TCP"), { interceptionMode: "NONE" });
  t.deepEqual(chainsOf(bound, "127.0.0.7_80"), [`else → outbound|80||${web}`]);
});

test("the explicit proxy knows what listeners without a port expose", (t) => {
  const hosts = (rest: string) => {
    const egress = `[{port: {number: 80, protocol: HTTP, name: http}, hosts: ["*/*"]}${rest}]`;
    const view = viewOf(
      service("web") + service("far", { namespace: "a" }) + object("Sidecar", "s", `{egress: ${egress}}`),
      { interceptionMode: "NONE" },
      "proxyHttpPort: 15080",
    );
    const table = view.routeTables.find(({ name }) => name === "http_proxy");
    return table?.virtualHosts.map(({ name }) => name);
  };
  t.deepEqual(hosts(""), ["allow_any"]);
  t.deepEqual(hosts(', {hosts: ["~/*"]}'), ["allow_any"]);
  t.deepEqual(hosts(', {hosts: ["./*"]}'), [`${web}:80`, "allow_any"]);
});

test("several TLS services on one egress port are told apart by SNI, one alone is not", (t) => {
  const scope = object(
    "Sidecar",
    "scope",
    `{egress: [{port: {number: 443, protocol: TLS, name: tls}, bind: 127.0.0.7, captureMode: NONE, hosts: ["./*"]}]}`,
  );
  const one = viewOf(tlsEntry("a", "a.example.com") + scope);
  t.deepEqual(chainsOf(one, "127.0.0.7_443"), ["else → outbound|443||a.example.com"]);
  const two = viewOf(tlsEntry("a", "a.example.com") + tlsEntry("b", "b.example.com") + scope);
  t.deepEqual(chainsOf(two, "127.0.0.7_443"), [
    "tls a.example.com → outbound|443||a.example.com",
    "tls b.example.com → outbound|443||b.example.com",
  ]);
});
