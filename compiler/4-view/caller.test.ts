import test from "ava";
import { object, pod, service, worldOf } from "../testing/world.ts";
import { type Caller, callerOf } from "./caller.ts";
import { clientOf } from "./client.ts";
import type { MeshProxy } from "./proxy.ts";
import { policyFor } from "./traffic-policy.ts";

const mesh = service("web") + pod("web", "10.0.0.1") + pod("client", "10.0.0.2", { labels: "tier: gold" });
const host = "web.default.svc.cluster.local";

/** As whom a proxy calls the service under this rule. */
function callerUnder(rule: string, changes: Partial<MeshProxy>, meshConfig = "{}"): Caller {
  const world = worldOf(mesh + object("DestinationRule", "web", `{host: ${host}, ${rule}}`), { meshConfig });
  const client = clientOf(world.mesh, world.proxy("client-2.default", changes));
  const [called] = world.mesh.servicesByHost.get(host) ?? [];
  if (!called) throw new Error("the service is missing");
  return callerOf(client, world.mesh.config, policyFor(world.mesh, client, called));
}

const pool = "connectionPool: {tcp: {maxConnections: 1}}";
const ejection = "outlierDetection: {consecutive5xxErrors: 3}";
const priorities = "loadBalancer: {localityLbSetting: {failoverPriority: [tier]}}";
const credential = "tls: {mode: SIMPLE, credentialName: roots}";
const elsewhere = { namespace: "elsewhere" };
const east = { locality: { region: "east", zone: "a", subzone: "" } };
const silver = { labels: { tier: "silver" } };

for (const [title, policy, changes, same] of [
  ["the namespace makes no difference", pool, elsewhere, true],
  ["nor does the locality", pool, east, true],
  ["nor do labels", pool, silver, true],
  ["having no identity does", pool, { hasIdentity: false }, false],
  ["being a gateway does", pool, { type: "router" }, false],
  ["having no interception does", pool, { interceptionMode: "NONE" }, false],
  ["the locality does where endpoints are ejected", ejection, east, false],
  ["the namespace does not", ejection, elsewhere, true],
  ["labels do where they are priorities", priorities, silver, false],
  ["the namespace makes none to sidecars, even if it names a credential", credential, elsewhere, true],
] as const) {
  test(`who calls a service, under {${policy}}: ${title}`, (t) => {
    const rule = `trafficPolicy: {${policy}}`;
    const is = callerUnder(rule, changes) === callerUnder(rule, {});
    t.is(is, same);
  });
}

test("the namespace makes a difference where a credential counts: for gateways, and under rules for some sidecars", (t) => {
  const rule = `trafficPolicy: {${credential}}`;
  const router = { type: "router" } as const;
  t.not(callerUnder(rule, { ...elsewhere, ...router }), callerUnder(rule, router));
  const selected = `workloadSelector: {matchLabels: {tier: gold}}, ${rule}`;
  t.is(callerUnder(selected, {}).namespace, "default");
});

const ofPort = (section: string) => `trafficPolicy: {portLevelSettings: [{port: {number: 80}, ${section}}]}`;
const ofSubset = (policy: string) => `subsets: [{name: v1, labels: {version: v1}, ${policy}}]`;

for (const [section, usual, changes] of [
  [ejection, {}, east],
  [priorities, {}, silver],
  [credential, { type: "router" }, { ...elsewhere, type: "router" }],
] as const) {
  for (const [place, rule] of [
    ["a port", ofPort(section)],
    ["a subset", ofSubset(`trafficPolicy: {${section}}`)],
    ["a port of a subset", ofSubset(ofPort(section))],
  ] as const) {
    test(`what {${section}} asks of clients it asks for ${place} too`, (t) => {
      t.not(callerUnder(rule, changes), callerUnder(rule, usual));
    });
  }
}

for (const [settings, changes] of [
  ["defaultTrafficPolicy: {outlierDetection: {consecutive5xxErrors: 3}}", east],
  ["localityLbSetting: {failover: [{from: east, to: west}]}", east],
  ["localityLbSetting: {failoverPriority: [tier]}", silver],
] as const) {
  test(`what the mesh asks of clients counts under any rule: ${settings}`, (t) => {
    const rule = `trafficPolicy: {${pool}}`;
    t.not(callerUnder(rule, changes, settings), callerUnder(rule, {}, settings));
  });
}
