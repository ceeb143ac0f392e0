import test from "ava";
import { object, pod, service, worldOf } from "../testing/world.ts";
import { clientOf } from "./client.ts";
import { importsOf } from "./imports.ts";

const entry = (name: string, host: string, namespace: string, more = "") =>
  object(
    "ServiceEntry",
    name,
    `{hosts: [${host}], ports: [{number: 80, name: http, protocol: HTTP}], resolution: STATIC,
     endpoints: [{address: 192.0.2.1}]${more}}`,
    namespace,
  );

const dated = (created: string, object: string) =>
  object.replace("metadata: {", `metadata: {creationTimestamp: "${created}", `);

const client = pod("client", "10.0.0.1");

function seenIn(yaml: string) {
  const world = worldOf(client + yaml);
  return importsOf(world.mesh, clientOf(world.mesh, world.proxy("client-1.default"))).services;
}

function namesFor(yaml: string): readonly string[] {
  return seenIn(yaml).map(({ hostname, namespace }) => `${namespace}/${hostname}`);
}

test("without a scope a client sees what is exported to it", (t) => {
  const yaml =
    service("open", { namespace: "a" }) +
    service("shared", { namespace: "a", annotations: "networking.istio.io/exportTo: 'default,b'" }) +
    service("private", { namespace: "a", annotations: "networking.istio.io/exportTo: '.'" }) +
    service("none", { namespace: "a", annotations: "networking.istio.io/exportTo: '~'" }) +
    service("mine", { annotations: "networking.istio.io/exportTo: '.'" });
  t.deepEqual(namesFor(yaml), [
    "default/mine.default.svc.cluster.local",
    "a/open.a.svc.cluster.local",
    "a/shared.a.svc.cluster.local",
  ]);
});

test("of several services with one name the client's own namespace's comes first", (t) => {
  const yaml = entry("x", "api.example.com", "a") + entry("x", "api.example.com", "default");
  t.deepEqual(namesFor(yaml), ["default/api.example.com"]);
});

test("a Kubernetes service cannot be pushed aside by an entry of another namespace", (t) => {
  const yaml = entry("squatter", "reviews.b.svc.cluster.local", "a") + service("reviews", { namespace: "b" });
  t.deepEqual(namesFor(yaml), ["b/reviews.b.svc.cluster.local"]);
});

test("nor by an older one of its own", (t) => {
  const squatter = entry("squatter", "reviews.default.svc.cluster.local", "default");
  const [reviews] = seenIn(dated("2024-01-01T00:00:00Z", squatter) + service("reviews"));
  t.is(reviews?.registry, "kubernetes");
});

test("what is exported to some goes before what is exported to all, though that is older", (t) => {
  for (const [namespace, exportTo] of [
    ["default", "."],
    ["a", "default"],
  ] as const) {
    const yaml =
      dated("2024-01-01T00:00:00Z", entry("old", "api.example.com", namespace)) +
      dated(
        "2024-01-02T00:00:00Z",
        entry("young", "api.example.com", namespace, `, exportTo: ["${exportTo}"]`),
      );
    t.deepEqual(
      seenIn(yaml).map(({ name }) => name),
      ["young"],
    );
  }
});

test("otherwise the oldest counts", (t) => {
  const yaml =
    dated("2024-01-02T00:00:00Z", entry("x", "api.example.com", "a")) +
    dated("2024-01-01T00:00:00Z", entry("x", "api.example.com", "b"));
  t.deepEqual(namesFor(yaml), ["b/api.example.com"]);
});

const three =
  service("one", { namespace: "a" }) +
  service("two", { namespace: "b" }) +
  service("three") +
  entry("w", "'*.wild.example.com'", "b");

for (const [hosts, expected] of [
  [["*/*"], ["b/*.wild.example.com", "a/one", "default/three", "b/two"]],
  [["./*"], ["default/three"]],
  [["a/*"], ["a/one"]],
  [["~/*"], []],
  [["*/two.b.svc.cluster.local"], ["b/two"]],
  [["a/two.b.svc.cluster.local"], []],
  [["*/*.svc.cluster.local"], ["a/one", "default/three", "b/two"]],
  [["b/*.example.com"], ["b/*.wild.example.com"]],
  [
    ["./*", "a/*"],
    ["a/one", "default/three"],
  ],
] as const) {
  test(`a scope of ${hosts.join(", ")}`, (t) => {
    const egress = hosts.map((host) => `"${host}"`).join(", ");
    const names = namesFor(three + object("Sidecar", "scope", `{egress: [{hosts: [${egress}]}]}`));
    t.deepEqual(
      names.map((name) => name.replace(/\.\w+\.svc\.cluster\.local/, "")),
      expected,
    );
  });
}

test("in the mesh's default scope a dot means the namespace of each proxy", (t) => {
  const yaml =
    three +
    service("tools", { namespace: "istio-system" }) +
    object("Sidecar", "default", `{egress: [{hosts: ["./*", "istio-system/*"]}]}`, "istio-system");
  t.deepEqual(namesFor(yaml), [
    "default/three.default.svc.cluster.local",
    "istio-system/tools.istio-system.svc.cluster.local",
  ]);
});

test("a scope that names a namespace gets its service, even if the client's own has one of that name", (t) => {
  const yaml =
    entry("x", "api.example.com", "a") +
    entry("x", "api.example.com", "default") +
    object("Sidecar", "scope", `{egress: [{hosts: ["a/*"]}]}`);
  t.deepEqual(namesFor(yaml), ["a/api.example.com"]);
});

test("where a route leads has a cluster, but no name of its own", (t) => {
  const world = worldOf(
    client +
      three +
      object(
        "VirtualService",
        "three",
        "{hosts: [three], http: [{route: [{destination: {host: one.a.svc.cluster.local}}]}]}",
      ) +
      object("Sidecar", "scope", `{egress: [{hosts: ["./*"]}]}`),
  );
  const view = world.view("client-1.default");
  const clusters = view.clusters.map(({ name }) => name);
  t.true(clusters.includes("outbound|80||one.a.svc.cluster.local"));
  t.false(clusters.includes("outbound|80||two.b.svc.cluster.local"));
  const hosts = view.routeTables.find(({ name }) => name === "80")?.virtualHosts ?? [];
  t.deepEqual(
    hosts.map(({ name }) => name),
    ["three.default.svc.cluster.local:80", "allow_any"],
  );
  const [route] = hosts[0]?.routes ?? [];
  t.is(
    route?.action.type === "forward" && route.action.clusters[0]?.cluster,
    "outbound|80||one.a.svc.cluster.local",
  );
});

test("routes of a namespace outside the scope do not apply", (t) => {
  const routes = object(
    "VirtualService",
    "three",
    "{hosts: [three.default.svc.cluster.local], http: [{directResponse: {status: 418}}]}",
    "b",
  );
  const actions = (scope: string) =>
    worldOf(client + three + routes + scope)
      .view("client-1.default")
      .routeTables.find(({ name }) => name === "80")
      ?.virtualHosts.find(({ name }) => name.startsWith("three"))
      ?.routes.map(({ action }) => action.type);
  t.deepEqual(actions(""), ["direct-response"]);
  t.deepEqual(actions(object("Sidecar", "scope", `{egress: [{hosts: ["./*"]}]}`)), ["forward"]);
});

const alias = (name: string, target: string, namespace = "default") => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec: {type: ExternalName, externalName: ${target}, ports: [{name: http, port: 80}]}
---`;

test("a name for a service of the mesh is that service", (t) => {
  const world = worldOf(
    client +
      service("web") +
      alias("shop", "web.default.svc.cluster.local") +
      alias("store", "shop.default.svc.cluster.local.") +
      object(
        "VirtualService",
        "store",
        "{hosts: [store], http: [{timeout: 1s, route: [{destination: {host: shop}}]}]}",
      ),
  );
  const view = world.view("client-1.default");
  const table = view.routeTables.find(({ name }) => name === "80");
  const hosts = table?.virtualHosts.map(
    ({ name, domains }) => `${name} ${domains.includes("shop")} ${domains.includes("store")}`,
  );
  t.deepEqual(hosts, [
    "store.default.svc.cluster.local:80 false true",
    "web.default.svc.cluster.local:80 true false",
    "allow_any false false",
  ]);
  t.deepEqual(
    view.clusters.map(({ name }) => name).filter((name) => name.startsWith("outbound")),
    ["outbound|80||web.default.svc.cluster.local"],
  );
  const [routed] = table?.virtualHosts ?? [];
  const [route] = routed?.routes ?? [];
  t.is(
    route?.action.type === "forward" && route.action.clusters[0]?.cluster,
    "outbound|80||web.default.svc.cluster.local",
  );
});

test("a scope that offers the name offers the service", (t) => {
  const yaml =
    service("web", { namespace: "a" }) +
    alias("shop", "web.a.svc.cluster.local") +
    object("Sidecar", "scope", `{egress: [{hosts: ["./*"]}]}`);
  t.deepEqual(namesFor(yaml), ["a/web.a.svc.cluster.local"]);
});

test("a name for an outside host, or for itself, is a service of its own", (t) => {
  const yaml =
    alias("search", "www.example.com") +
    alias("loop", "pool.default.svc.cluster.local") +
    alias("pool", "loop.default.svc.cluster.local");
  t.deepEqual(namesFor(yaml), [
    "default/loop.default.svc.cluster.local",
    "default/pool.default.svc.cluster.local",
    "default/search.default.svc.cluster.local",
  ]);
  const { clusters } = worldOf(client + yaml).view("client-1.default");
  const discovery = clusters.find(({ name }) => name.includes("search"))?.discovery;
  t.is(
    discovery?.type === "strict-dns" && discovery.endpoints.localities[0]?.endpoints[0]?.address,
    "www.example.com",
  );
});
