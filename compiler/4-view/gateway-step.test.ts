import test from "ava";
import { changesOf } from "#immutable";
import { type Files, stepOf } from "../testing/stepping.ts";
import { object, pod, secret, service } from "../testing/world.ts";
import type { LayeredView } from "./plan/index.ts";

const gateway = object(
  "Gateway",
  "edge",
  `{selector: {app: edge}, servers: [
    {port: {number: 80, name: http, protocol: HTTP}, hosts: ["*.example.com"]},
    {port: {number: 81, name: more, protocol: HTTP}, hosts: [a.example.com]},
    {port: {number: 90, name: tcp, protocol: TCP}, hosts: ["*"]}]}`,
);

const routes = (name: string, to: string, host = `${name}.example.com`, more = "") =>
  object(
    "VirtualService",
    name,
    `{gateways: [edge], hosts: [${host}], http: [{route: [{destination: {host: ${to}}}]}]${more}}`,
  );

const rule = (host: string, policy: string) =>
  object("DestinationRule", host, `{host: ${host}, trafficPolicy: {${policy}}}`);

const sticky = "loadBalancer: {consistentHash: {httpHeaderName: x-user}}";

const base: Files = {
  "mesh.yaml": pod("edge", "10.0.0.9") + service("web") + service("api") + gateway,
  "a.yaml": routes("a", "web"),
  "b.yaml": routes("b", "api"),
  "c.yaml": routes("c", "web"),
  "tcp.yaml": object(
    "VirtualService",
    "tcp",
    "{gateways: [edge], hosts: [tcp.example.com], tcp: [{route: [{destination: {host: api}}]}]}",
  ),
};

const edit = (files: Files, change: Files, removed?: readonly string[], between?: readonly Files[]) =>
  stepOf("edge-9.default", files, change, removed, between);

for (const [title, change, removed, files] of [
  ["other routes", { "b.yaml": routes("b", "web") }],
  ["a policy where routes lead", { "rule.yaml": rule("api", sticky) }, [], { "tcp.yaml": "" }],
  [
    "a policy where connections are sent",
    { "rule.yaml": rule("api", "connectionPool: {tcp: {idleTimeout: 5s}}") },
  ],
  ["routes for a new host", { "d.yaml": routes("d", "web") }],
  ["a set that takes over a host", { "d.yaml": routes("d", "api", "a.example.com") }],
  ["a set of which the host is another", { "b.yaml": routes("b", "api", "other.example.com") }],
  ["a set that the gateway does not take any more", { "b.yaml": routes("b", "api", "b.example.org") }],
  ["a set that goes", {}, ["b.yaml"]],
  ["the last set of a server", {}, ["a.yaml"]],
  ["the first set of a server", { "a.yaml": routes("a", "web") }, [], { "a.yaml": "" }],
  [
    "connections that go elsewhere",
    { "tcp.yaml": base["tcp.yaml"]?.replace("host: api", "host: web") ?? "" },
  ],
  [
    "a policy for what has another name",
    { "rule.yaml": rule("api", sticky) },
    [],
    {
      "alias.yaml": `
apiVersion: v1
kind: Service
metadata: {name: alias, namespace: default}
spec: {type: ExternalName, externalName: api.default.svc.cluster.local}
---`,
      "b.yaml": routes("b", "alias"),
      "tcp.yaml": "",
    },
  ],
] satisfies readonly [string, Files, string[]?, Files?][]) {
  test(`a gateway after a step is what it would be from scratch: ${title}`, (t) => {
    const { before, after, fresh } = edit({ ...base, ...files }, change, removed);
    t.deepEqual(after, fresh);
    t.notDeepEqual(after, before);
  });
}

test("one of many routes changes one host of one table, and nothing is planned again beside it", (t) => {
  const { before, after } = edit(base, { "b.yaml": routes("b", "web") });
  t.is(after.own, before.own);
  t.is(after.shared.clusters, before.shared.clusters);
  const [was, is] = [before, after].map(({ shared }) => shared.routeTables);
  t.deepEqual(is && changesOf(is), { before: was, places: [0] });
  const hostsOf = ({ shared }: LayeredView) => shared.routeTables[0]?.virtualHosts ?? [];
  t.deepEqual(changesOf(hostsOf(after)), { before: hostsOf(before), places: [1] });
});

test("a new host leaves the other hosts what they were", (t) => {
  const { before, after } = edit(base, { "d.yaml": routes("d", "web") });
  const old = new Set(before.shared.routeTables.flatMap(({ virtualHosts }) => virtualHosts));
  const fresh = after.shared.routeTables
    .flatMap(({ virtualHosts }) => virtualHosts)
    .filter((host) => !old.has(host));
  t.deepEqual(
    fresh.map(({ name }) => name),
    ["d.example.com:80"],
  );
});

for (const [title, first] of [
  ["gateways", { "gateway.yaml": gateway.replace("name: edge,", "name: other,") }],
  ["certificates", { "secret.yaml": secret("cert", ["tls"], "default") }],
] satisfies readonly [string, Files][]) {
  test(`a gateway that has not seen other ${title} takes both steps at once`, (t) => {
    const secured = object(
      "Gateway",
      "secured",
      `{selector: {app: edge}, servers: [{port: {number: 443, name: https, protocol: HTTPS},
        tls: {mode: SIMPLE, credentialName: cert}, hosts: ["*.example.com"]}]}`,
    );
    const files = { ...base, "secured.yaml": secured };
    const { before, after, fresh } = edit(files, { "b.yaml": routes("b", "web") }, [], [first]);
    t.deepEqual(after, fresh);
    t.notDeepEqual(after.own, before.own);
  });
}
