// Services that come, go and change, as sidecars and gateways see them step by step.

import test from "ava";
import { arrangedFrom, changesOf } from "#immutable";
import { type Files, stepOf } from "../testing/stepping.ts";
import { object, pod, service } from "../testing/world.ts";
import type { LayeredView } from "./plan/index.ts";

const outside = (host: string, ports: string, more = ", resolution: DNS", namespace = "default") =>
  object("ServiceEntry", "outside", `{hosts: [${host}], ports: [${ports}]${more}}`, namespace);

const listing = (addresses: string) =>
  outside(
    "new.example.com",
    http,
    `, resolution: STATIC, endpoints: [${addresses.replaceAll(/\S+(?=,|$)/g, "{address: $&}")}]`,
  );

const http = "{number: 80, name: http, protocol: HTTP}";
const tcp = "{number: 7000, name: tcp, protocol: TCP}";

const detected = (clusterIP: string) => service("new", { port: 6000, portName: "any", clusterIP });

const routes = (host: string, to: string, more = "") =>
  object("VirtualService", "r", `{hosts: [${host}], http: [{route: [{destination: {host: ${to}}}]}]${more}}`);

const base: Files = {
  "settings.yaml": `
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data: {mesh: "proxyHttpPort: 15080"}
---`,
  "mesh.yaml":
    pod("uncaptured", "10.0.0.7", { annotations: "sidecar.istio.io/interceptionMode: NONE" }) +
    pod("me", "10.0.0.9", { ports: "{name: http, containerPort: 8080}" }) +
    service("api") +
    service("web") +
    service("db", { port: 5432, portName: "tcp" }) +
    service("web", { namespace: "shop" }),
};

/** The edit, in which files beside the others. */
type Case = readonly [title: string, change: Files, files?: Files, removed?: readonly string[]];

const cases: readonly Case[] = [
  ["a service", { "new.yaml": service("new") }],
  ["a service that goes", {}, { "old.yaml": service("old") }, ["old.yaml"]],
  [
    "a service with another port",
    { "new.yaml": service("new", { port: 81 }) },
    { "new.yaml": service("new") },
  ],
  [
    "a port that speaks otherwise",
    { "new.yaml": service("new", { portName: "tcp" }) },
    { "new.yaml": service("new") },
  ],
  ["the only service of a port", { "new.yaml": service("new", { port: 8000 }) }],
  ["the last service of a port", {}, { "old.yaml": service("old", { port: 8000 }) }, ["old.yaml"]],
  ["a service with an address", { "new.yaml": service("new", { clusterIP: "10.96.0.7" }) }],
  ["a service with a detected port", { "new.yaml": detected("10.96.0.7") }],
  ["a service with a detected port, gone", {}, { "old.yaml": detected("10.96.0.7") }, ["old.yaml"]],
  [
    "a service with a detected port at another address",
    { "new.yaml": detected("10.96.0.8") },
    { "new.yaml": detected("10.96.0.7") },
  ],
  [
    "a service with a detected port that has no address now",
    { "new.yaml": detected("None") },
    { "new.yaml": detected("10.96.0.7") },
  ],
  [
    "a port that speaks HTTP beside one that is detected",
    { "other.yaml": service("other", { port: 6000 }) },
    { "new.yaml": detected("10.96.0.7") },
  ],
  [
    "the last port that speaks HTTP beside one that is detected",
    {},
    { "new.yaml": detected("10.96.0.7"), "old.yaml": service("old", { port: 6000 }) },
    ["old.yaml"],
  ],
  [
    "routes for a service with a detected port",
    { "routes.yaml": routes("new", "api") },
    { "new.yaml": detected("10.96.0.7") },
  ],
  ["a service of the workload", { "new.yaml": service("me", { target: "http" }) }],
  [
    "a service that is no longer the workload's",
    {},
    { "old.yaml": service("me", { target: "http" }) },
    ["old.yaml"],
  ],
  [
    "a service that lists the workload",
    {
      "new.yaml": outside("new.example.com", http, ", resolution: STATIC, endpoints: [{address: 10.0.0.9}]"),
    },
  ],
  [
    "a service that lists the workload now",
    { "new.yaml": listing("10.0.0.8, 10.0.0.9") },
    { "new.yaml": listing("10.0.0.8") },
  ],
  [
    "a service that lists the workload no longer",
    { "new.yaml": listing("10.0.0.8") },
    { "new.yaml": listing("10.0.0.8, 10.0.0.9") },
  ],
  [
    "one of two entries that add up lists another",
    { "new.yaml": listing("10.0.0.7") },
    {
      "new.yaml": listing("10.0.0.8"),
      "other.yaml": object(
        "ServiceEntry",
        "other",
        `{hosts: [new.example.com], ports: [{number: 81, name: more, protocol: HTTP}], resolution: STATIC, endpoints: [{address: 10.0.0.8}]}`,
      ),
    },
  ],
  [
    "a name that has endpoints now",
    {
      "new.yaml": outside(
        "new.example.com",
        http,
        ", resolution: DNS, endpoints: [{address: there.example}]",
      ),
    },
    { "new.yaml": outside("new.example.com", http) },
  ],
  ["a service on the port that everything is sent to", { "new.yaml": service("new", { port: 15001 }) }],
  [
    "a service where the explicit proxy would be, gone",
    {},
    { "old.yaml": service("old", { port: 15080, portName: "tcp", clusterIP: "127.0.0.1" }) },
    ["old.yaml"],
  ],
  [
    "a service that stands for many",
    { "new.yaml": outside('"*.many.example.com"', http, ", resolution: NONE") },
    { "routes.yaml": routes("api", "one.many.example.com") },
  ],
  ["a service of connections", { "new.yaml": outside("new.example.com", tcp, ", resolution: NONE") }],
  ["a headless service", { "new.yaml": service("new", { clusterIP: "None", portName: "tcp" }) }],
  ["the destination of a route", { "new.yaml": service("new") }, { "routes.yaml": routes("api", "new") }],
  [
    "the destination of a route, gone",
    {},
    { "old.yaml": service("old"), "routes.yaml": routes("api", "old") },
    ["old.yaml"],
  ],
  [
    "the destination of connections",
    { "new.yaml": outside("new.example.com", tcp) },
    {
      "routes.yaml": object(
        "VirtualService",
        "r",
        "{hosts: [db], tcp: [{route: [{destination: {host: new.example.com}}]}]}",
      ),
    },
  ],
  ["a service of a routed host", { "new.yaml": service("new") }, { "routes.yaml": routes("new", "api") }],
  [
    "a service whose host stays routed",
    {},
    { "old.yaml": service("old"), "routes.yaml": routes("old", "api") },
    ["old.yaml"],
  ],
  [
    "a service under a wildcard that is routed",
    { "new.yaml": outside("new.example.com", http) },
    { "routes.yaml": routes('"*.example.com"', "api") },
  ],
  ["a service called like another one", { "new.yaml": outside("api.default", http) }],
  ["a service called like one nearby", { "new.yaml": outside("api", http) }],
  [
    "a service called nearby like one from outside",
    { "new.yaml": service("new") },
    { "entry.yaml": outside("new", http) },
  ],
  [
    "a service with the address of another",
    { "new.yaml": outside("new.example.com", http, ", addresses: [10.96.0.7], resolution: DNS") },
    { "other.yaml": service("other", { clusterIP: "10.96.0.7" }) },
  ],
  ["one of two that have a name", {}, { "old.yaml": outside("api.default", http) }, ["old.yaml"]],
  [
    "a name that a route has",
    { "new.yaml": service("new") },
    { "routes.yaml": routes("new.default", "api") },
  ],
  [
    "a service that others stand for",
    { "new.yaml": service("new") },
    {
      "alias.yaml":
        "\napiVersion: v1\nkind: Service\nmetadata: {name: alias, namespace: default}\nspec: {type: ExternalName, externalName: new.default.svc.cluster.local}\n---",
    },
  ],
  [
    "a second service of its host",
    {
      "new.yaml": outside(
        "both.example.com",
        "{number: 81, name: http, protocol: HTTP}, {number: 82, name: more, protocol: HTTP}",
        ', resolution: NONE, exportTo: ["."]',
        "shop",
      ),
    },
    {
      "first.yaml": object(
        "ServiceEntry",
        "first",
        `{hosts: [both.example.com], ports: [{number: 81, name: http, protocol: HTTP}], resolution: DNS}`,
      ),
    },
  ],
  [
    "a service for a scope",
    { "new.yaml": service("new", { namespace: "shop" }) },
    { "scope.yaml": object("Sidecar", "s", "{egress: [{hosts: [shop/*]}]}") },
  ],
  [
    "a service beside a scope",
    { "new.yaml": service("me", { target: "http" }) },
    { "scope.yaml": object("Sidecar", "s", "{egress: [{hosts: [shop/*]}]}") },
  ],
  ["a service and a route to it", { "new.yaml": service("new") + routes("api", "new") }],
  [
    "a service with a policy",
    {
      "new.yaml":
        service("new") +
        object("DestinationRule", "d", "{host: new, subsets: [{name: v1, labels: {v: v1}}]}"),
    },
  ],
];

for (const proxy of ["me-9.default", "uncaptured-7.default", "edge-8.default"]) {
  for (const [title, change, files = {}, removed] of cases) {
    test(`${proxy} after a step is what it would be from scratch: ${title}`, (t) => {
      const gateway = {
        "gateway.yaml":
          pod("edge", "10.0.0.8") +
          object(
            "Gateway",
            "edge",
            `{selector: {app: edge}, servers: [{port: ${http}, hosts: ["*"]}, {port: {number: 90, name: tcp, protocol: TCP}, hosts: ["*"]}]}`,
          ),
        "bound.yaml":
          object(
            "VirtualService",
            "bound",
            "{gateways: [edge], hosts: [a.example], http: [{route: [{destination: {host: new}}]}]}",
          ) +
          object(
            "VirtualService",
            "connections",
            "{gateways: [edge], hosts: [b.example], tcp: [{route: [{destination: {host: new.example.com}}]}]}",
          ),
      };
      const { after, fresh } = stepOf(proxy, { ...base, ...gateway, ...files }, change, removed);
      t.deepEqual(after, fresh);
    });
  }
}

const tablesOf = ({ shared }: LayeredView) => shared.routeTables;

test("other endpoints of an entry are a matter of endpoints alone", (t) => {
  const { before, after, isStep } = stepOf(
    "me-9.default",
    { ...base, "new.yaml": listing("10.0.0.7") },
    { "new.yaml": listing("10.0.0.7, 10.0.0.8") },
  );
  t.true(isStep);
  t.is(after.own, before.own);
  t.is(after.shared.clusters, before.shared.clusters);
  t.is(after.shared.routeTables, before.shared.routeTables);
  t.is(after.shared.listeners, before.shared.listeners);
  t.notDeepEqual(after.shared.endpoints, before.shared.endpoints);
});

test("a new service is planned alone, with its routes, and all lists come from those before", (t) => {
  const { before, after, isStep } = stepOf("me-9.default", base, {
    "new.yaml": service("new") + routes("new", "api"),
  });
  t.true(isStep);
  t.is(after.own, before.own);
  t.is(arrangedFrom(after.shared.clusters), before.shared.clusters);
  t.is(arrangedFrom(after.shared.endpoints), before.shared.endpoints);
  t.deepEqual(changesOf(tablesOf(after))?.before, tablesOf(before));
  const [was, is] = [before, after].map(
    (view) => tablesOf(view).find(({ name }) => name === "80")?.virtualHosts ?? [],
  );
  t.is(is && arrangedFrom(is), was);
  t.deepEqual(
    is?.filter((host) => !was?.includes(host)).map(({ name }) => name),
    ["new.default.svc.cluster.local:80"],
  );
});

test("a table comes with the first service of its port, and goes with the last", (t) => {
  const names = (view: LayeredView) => tablesOf(view).map(({ name }) => name);
  const change = { "new.yaml": service("new", { port: 8000 }) };
  const come = stepOf("me-9.default", base, change);
  t.deepEqual(
    [names(come.before), names(come.after)],
    [
      ["80", "http_proxy"],
      ["80", "8000", "http_proxy"],
    ],
  );
  const gone = stepOf("me-9.default", { ...base, ...change }, {}, ["new.yaml"]);
  t.deepEqual(names(gone.after), ["80", "http_proxy"]);
  t.is(tablesOf(gone.after)[0], tablesOf(gone.before)[0]);
});

test("services of a crowd are no step", (t) => {
  const crowd = Array.from({ length: 65 }, (_, index) => service(`new-${index}`)).join("");
  const { after, fresh, isStep } = stepOf("me-9.default", base, { "new.yaml": crowd });
  t.false(isStep);
  t.deepEqual(after, fresh);
});
