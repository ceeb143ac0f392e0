import test from "ava";
import { hostsOf } from "../testing/summary.ts";
import { object, pod, service, worldOf } from "../testing/world.ts";
import type { ProxyView } from "./plan/index.ts";

const client = pod("client", "10.0.0.1", { labels: "version: v1" });
const viewOf = (yaml: string, meshConfig = "{}"): ProxyView =>
  worldOf(client + yaml, { meshConfig, allowErrors: true }).view("client-1.default");

const domains = (view: ProxyView, table: string, host: string) =>
  view.routeTables.find(({ name }) => name === table)?.virtualHosts.find(({ name }) => name === host)
    ?.domains;

const routes = (name: string, spec: string, more = "") =>
  object("VirtualService", name, spec).replace("metadata: {", `metadata: {${more}`);
const answer = (status: number) => `http: [{directResponse: {status: ${status}}}]`;

const web = "web.default.svc.cluster.local";

test("a service answers to every name that DNS would find it by, and to its address", (t) => {
  const view = viewOf(service("web", { clusterIP: "10.9.0.1" }));
  t.deepEqual(domains(view, "80", `${web}:80`), [
    web,
    `${web}.`,
    "web",
    "web.default",
    "web.default.svc",
    "10.9.0.1",
  ]);
});

test("from another namespace the bare name is somebody else", (t) => {
  const view = viewOf(service("web", { namespace: "shop" }));
  t.deepEqual(domains(view, "80", "web.shop.svc.cluster.local:80"), [
    "web.shop.svc.cluster.local",
    "web.shop.svc.cluster.local.",
    "web.shop",
    "web.shop.svc",
  ]);
});

test("a headless service's pods have names, too", (t) => {
  const view = viewOf(service("web", { clusterIP: "None" }));
  t.deepEqual(domains(view, "80", `${web}:80`), [
    web,
    `${web}.`,
    "web",
    "web.default",
    "web.default.svc",
    `*.${web}`,
    `*.${web}.`,
    "*.web",
    "*.web.default",
    "*.web.default.svc",
  ]);
});

test("an entry answers to its host alone, which may end in a dot", (t) => {
  const entry = object(
    "ServiceEntry",
    "api",
    '{hosts: ["*.example.com"], addresses: ["2001:db8::1"], ports: [{number: 80, name: http, protocol: HTTP}], resolution: NONE}',
  );
  t.deepEqual(domains(viewOf(entry), "80", "*.example.com:80"), [
    "*.example.com",
    "*.example.com.",
    "[2001:db8::1]",
  ]);
});

test("at the explicit proxy a service with one port may be called without it, whatever others of its host have", (t) => {
  const entry = (name: string, ports: readonly number[], exportTo: string) =>
    object(
      "ServiceEntry",
      name,
      `{hosts: [api.example.com], resolution: STATIC, exportTo: ["${exportTo}"],
       ports: [${ports.map((number) => `{number: ${number}, name: http-${number}, protocol: HTTP}`).join()}]}`,
    );
  const seen = entry("seen", [8080], "*");
  const bare = (yaml: string, port: number) =>
    domains(viewOf(yaml, "proxyHttpPort: 15080"), "http_proxy", `api.example.com:${port}`)?.includes(
      "api.example.com",
    );
  t.true(bare(seen, 8080));
  t.true(bare(seen + entry("hidden", [80, 81], "~"), 8080));
  t.false(bare(entry("several", [8080, 81], "*"), 8080));
});

test("a table has the services of its port", (t) => {
  const view = viewOf(
    service("web") + service("admin", { port: 81 }) + service("db", { port: 82, portName: "tcp" }),
  );
  t.deepEqual(hostsOf(view, "80"), [`${web}:80: outbound|80||${web}`, "allow_any: PassthroughCluster"]);
  t.deepEqual(hostsOf(view, "81").length, 2);
  t.deepEqual(hostsOf(view, "82"), ["no such table"]);
});

test("what comes to a service's own addresses on a detected port is for it, whatever name is called", (t) => {
  const detected = { clusterIP: "10.9.0.1", portName: "any" };
  const alone = viewOf(service("web", detected));
  t.deepEqual(
    alone.routeTables.map(({ name }) => name),
    [`${web}:80`],
  );
  t.deepEqual(domains(alone, `${web}:80`, `${web}:80`), ["*"]);
  const beside = viewOf(
    service("web", detected) + service("api") + routes("r", `{hosts: [web], ${answer(418)}}`),
  );
  t.deepEqual(hostsOf(beside, `${web}:80`), [`${web}:80: 418`]);
  t.deepEqual(hostsOf(beside, "80"), [
    "api.default.svc.cluster.local:80: outbound|80||api.default.svc.cluster.local",
    `${web}:80: 418`,
    "allow_any: PassthroughCluster",
  ]);
  const none = worldOf(client + service("web", detected)).view("client-1.default", {
    interceptionMode: "NONE",
  });
  t.deepEqual(none.routeTables, []);
});

test("another name of a service with a detected port may have routes of its own", (t) => {
  const alias =
    "\napiVersion: v1\nkind: Service\nmetadata: {name: alias, namespace: default}\nspec: {type: ExternalName, externalName: web.default.svc.cluster.local}\n---";
  const detected = service("web", { clusterIP: "10.9.0.1", portName: "any" });
  t.deepEqual(hostsOf(viewOf(detected + alias), `${web}:80`), [`${web}:80: outbound|80||${web}`]);
  const view = viewOf(detected + alias + routes("r", `{hosts: [alias], ${answer(418)}}`));
  t.deepEqual(hostsOf(view, `${web}:80`), [
    "alias.default.svc.cluster.local:80: 418",
    `${web}:80: outbound|80||${web}`,
  ]);
});

test("what nobody answers to is passed on or refused", (t) => {
  const view = viewOf(service("web"), "outboundTrafficPolicy: {mode: REGISTRY_ONLY}");
  t.deepEqual(hostsOf(view, "80").at(-1), "block_all: 502");
});

test("the scope's outbound policy goes before the mesh's", (t) => {
  const scope = object("Sidecar", "s", "{outboundTrafficPolicy: {mode: REGISTRY_ONLY}}");
  t.deepEqual(hostsOf(viewOf(service("web") + scope), "80").at(-1), "block_all: 502");
});

const old = 'creationTimestamp: "2020-01-01T00:00:00Z", ';
const young = 'creationTimestamp: "2024-01-01T00:00:00Z", ';

for (const [title, sets, expected] of [
  [
    "the exact host before a wildcard",
    routes("a", `{hosts: ["*"], ${answer(401)}}`, old) + routes("b", `{hosts: [web], ${answer(402)}}`, young),
    402,
  ],
  [
    "the longer wildcard",
    routes("a", `{hosts: ["*.local"], ${answer(401)}}`, old) +
      routes("b", `{hosts: ["*.default.svc.cluster.local"], ${answer(402)}}`, young),
    402,
  ],
  [
    "the older of two",
    routes("a", `{hosts: [web], ${answer(401)}}`, young) + routes("b", `{hosts: [web], ${answer(402)}}`, old),
    402,
  ],
  [
    "the first by name if both are as old",
    routes("b", `{hosts: [web], ${answer(402)}}`) + routes("a", `{hosts: [web], ${answer(401)}}`),
    401,
  ],
  [
    "not routes of a gateway",
    routes("a", `{hosts: [web], gateways: [edge], ${answer(401)}}`, old) +
      routes("b", `{hosts: [web], ${answer(402)}}`),
    402,
  ],
  [
    "not routes that are not exported here",
    object("VirtualService", "a", `{hosts: [${web}], exportTo: ["."], ${answer(401)}}`, "other") +
      routes("b", `{hosts: [web], ${answer(402)}}`),
    402,
  ],
] as const) {
  test(`of several sets: ${title}`, (t) => {
    t.is(hostsOf(viewOf(service("web") + sets), "80")[0], `${web}:80: ${expected}`);
  });
}

test("rules for others leave the service as it is without rules", (t) => {
  const rule = routes(
    "a",
    "{hosts: [web], http: [{match: [{sourceLabels: {version: v2}}], directResponse: {status: 401}}]}",
  );
  t.is(hostsOf(viewOf(service("web") + rule), "80")[0], `${web}:80: outbound|80||${web}`);
});

test("matches hold for this client, this port and sidecars, and end where one takes everything", (t) => {
  const match = (condition: string, status: number) =>
    `{match: [{${condition}}], directResponse: {status: ${status}}}`;
  const rule = routes(
    "a",
    `{hosts: [web], gateways: [mesh, edge], http: [
      ${match("sourceLabels: {version: v1}, uri: {exact: /a}", 201)},
      ${match("sourceLabels: {version: v2}", 401)},
      ${match("sourceNamespace: default, uri: {exact: /b}", 202)},
      ${match("sourceNamespace: other", 402)},
      ${match("port: 80, uri: {exact: /c}", 203)},
      ${match("port: 81", 403)},
      ${match("gateways: [edge]", 404)},
      ${match("uri: {prefix: /}, gateways: [mesh]", 204)},
      ${match("uri: {exact: /late}", 405)}]}`,
  );
  t.is(hostsOf(viewOf(service("web") + rule), "80")[0], `${web}:80: 201, 202, 203, 204`);
});

test("a match of a port holds in the table of that port alone", (t) => {
  const ports = service("web").replace("ports: [", "ports: [{name: http-admin, port: 81}, ");
  const rule = routes(
    "a",
    `{hosts: [web], http: [{match: [{port: 81}], directResponse: {status: 201}}, {directResponse: {status: 202}}]}`,
  );
  const view = viewOf(ports + rule);
  t.is(hostsOf(view, "80")[0], `${web}:80: 202`);
  t.is(hostsOf(view, "81")[0], `${web}:81: 201`);
});

test("where a set has no route, the next one for the same name has its say", (t) => {
  const ports = service("web").replace("ports: [", "ports: [{name: http-admin, port: 81}, ");
  const only = (name: string, match: string, status: number, host = "web") =>
    routes(name, `{hosts: [${host}], http: [{match: [{${match}}], directResponse: {status: ${status}}}]}`);
  const view = viewOf(
    ports +
      only("a", "sourceLabels: {version: v2}", 401) +
      only("b", "port: 81", 201) +
      only("c", "uri: {prefix: /}", 202) +
      only("d", "port: 81", 401, "other.example.com") +
      only("e", "port: 80", 203, "other.example.com"),
  );
  t.deepEqual(hostsOf(view, "80").slice(0, 2), ["other.example.com:80: 203", `${web}:80: 202`]);
  t.is(hostsOf(view, "81")[0], `${web}:81: 201`);
});

test("a wildcard has no say for a name that somebody writes", (t) => {
  const named = routes("a", `{hosts: [web], http: [{match: [{port: 81}], directResponse: {status: 401}}]}`);
  const wild = routes("b", `{hosts: ["*.cluster.local"], ${answer(402)}}`);
  t.is(hostsOf(viewOf(service("web") + named + wild), "80")[0], `${web}:80: outbound|80||${web}`);
});

test("a destination that does not exist keeps its share", (t) => {
  const rule = routes(
    "a",
    "{hosts: [web], http: [{route: [{destination: {host: web}, weight: 60}, {destination: {host: gone}, weight: 40}]}]}",
  );
  t.is(
    hostsOf(viewOf(service("web") + rule), "80")[0],
    `${web}:80: outbound|80||${web}*60+BlackHoleCluster*40`,
  );
});

test("hosts that no service has are routed on port 80", (t) => {
  const rule = routes("a", `{hosts: [legacy.example.com], http: [{route: [{destination: {host: web}}]}]}`);
  const view = viewOf(service("web") + service("other", { port: 81 }) + rule);
  t.deepEqual(hostsOf(view, "80"), [
    `legacy.example.com:80: outbound|80||${web}`,
    `${web}:80: outbound|80||${web}`,
    "allow_any: PassthroughCluster",
  ]);
  t.is(hostsOf(view, "81").length, 2);
});

test("a wildcard routes the services under it, and by itself only what no service has", (t) => {
  const view = viewOf(
    service("web", { port: 80, namespace: "shop" }) +
      routes("a", `{hosts: ["*.example.com", "*.cluster.local"], ${answer(204)}}`),
  );
  t.deepEqual(hostsOf(view, "80"), [
    "*.example.com:80: 204",
    "web.shop.svc.cluster.local:80: 204",
    "allow_any: PassthroughCluster",
  ]);
});

test("rules for connections alone hide nothing of what a wildcard says for requests", (t) => {
  const entry = object(
    "ServiceEntry",
    "api",
    "{hosts: [api.example.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}",
  );
  const rule =
    "match: [{sniHosts: [api.example.com]}], route: [{destination: {host: api.example.com, port: {number: 80}}}]";
  const view = viewOf(
    entry +
      routes("a", `{hosts: [api.example.com], tls: [{${rule}}]}`) +
      routes("b", `{hosts: ["*.example.com"], ${answer(418)}}`),
  );
  t.is(hostsOf(view, "80")[0], "api.example.com:80: 418");
});

test("the explicit proxy tells ports apart by the authority", (t) => {
  const proxied = "proxyHttpPort: 15080";
  const view = viewOf(
    service("one", { port: 9080 }) +
      `
apiVersion: v1
kind: Service
metadata: {name: two}
spec: {ports: [{name: http, port: 80}, {name: http-admin, port: 8080}]}
---`,
    proxied,
  );
  const two = "two.default.svc.cluster.local";
  const names = (host: string) =>
    domains(view, "http_proxy", host)?.filter((each) => /^(one|two)(:|$)/.test(each));
  t.deepEqual(
    names("one.default.svc.cluster.local:9080"),
    ["one", "one:9080"],
    "its only HTTP port needs no number",
  );
  t.deepEqual(names(`${two}:80`), ["two", "two:80"]);
  t.deepEqual(names(`${two}:8080`), ["two:8080"]);
});

test("a listener of the scope routes to what its own hosts lead to, and the explicit proxy to what the rest does", (t) => {
  const host = "web.example.com";
  const entry = (namespace: string) =>
    object(
      "ServiceEntry",
      "web",
      `{hosts: [${host}], resolution: NONE, ports: [{number: 80, name: http, protocol: HTTP}]}`,
      namespace,
    );
  const policy = object(
    "DestinationRule",
    "web",
    `{host: ${host}, subsets: [{name: v1, labels: {}}]}`,
    "shop",
  );
  const set = object(
    "VirtualService",
    "web",
    `{hosts: [${host}], http: [{route: [{destination: {host: ${host}, subset: v1}}]}]}`,
    "shop",
  );
  const scope = object(
    "Sidecar",
    "default",
    "{egress: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop/*]}, {hosts: [./*]}]}",
  );
  const view = viewOf(entry("default") + entry("shop") + policy + set + scope, "proxyHttpPort: 15002");
  const hostIn = (table: string) => hostsOf(view, table).filter((line) => line.startsWith(host));
  t.deepEqual(hostIn("80"), [`${host}:80: outbound|80|v1|${host}`]);
  t.deepEqual(hostIn("http_proxy"), [`${host}:80: outbound|80||${host}`]);
});
