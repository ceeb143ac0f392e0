import test from "ava";
import { object, pod, service, worldOf } from "../testing/world.ts";
import { clientOf } from "./client.ts";
import { type EffectiveTraffic, policyFor, trafficFor } from "./traffic-policy.ts";

const world0 = pod("client", "10.0.0.1", { labels: "version: v1" }) + service("web", { namespace: "shop" });
const host = "web.shop.svc.cluster.local";

/** A rule whose name shows in the pool: `maxConnections`. */
const rule = (name: string, namespace: string, connections: number, more = "", forHost = host) =>
  object(
    "DestinationRule",
    name,
    `{host: "${forHost}", ${more}trafficPolicy: {connectionPool: {tcp: {maxConnections: ${connections}}}}}`,
    namespace,
  );

function effective(yaml: string, subset?: string, port = 80, meshConfig = "{}"): EffectiveTraffic {
  const { mesh, proxy } = worldOf(world0 + yaml, { meshConfig });
  const [found] = mesh.servicesByHost.get(host) ?? [];
  if (!found) throw new Error("no service");
  const policy = policyFor(mesh, clientOf(mesh, proxy("client-1.default")), found);
  return trafficFor(
    mesh,
    policy,
    policy?.subsets.find(({ name }) => name === subset),
    port,
  );
}
const connections = (yaml: string) => effective(yaml).connectionPool?.tcp.maxConnections;

const selector = (version: string) => `workloadSelector: {matchLabels: {version: ${version}}}, `;
const dated = (yaml: string, year: number) =>
  yaml.replace("metadata: {", `metadata: {creationTimestamp: "${year}-01-01T00:00:00Z", `);

for (const [title, yaml, expected] of [
  ["none", "", undefined],
  ["the service's namespace's", rule("a", "shop", 1), 1],
  ["the client's before the service's", rule("a", "shop", 1) + rule("b", "default", 2), 2],
  ["the service's before the root's", rule("a", "shop", 1) + rule("b", "istio-system", 2), 1],
  ["the root's where there is no other", rule("b", "istio-system", 2), 2],
  ["no other namespace's", rule("a", "elsewhere", 1), undefined],
  ["not one that is not exported here", rule("a", "shop", 1, "exportTo: ['.'], "), undefined],
  [
    "not even the client's own, if it is for others",
    rule("a", "default", 1, "exportTo: [shop], "),
    undefined,
  ],
  [
    "the exact host before a wildcard",
    rule("a", "shop", 1, "", "*.shop.svc.cluster.local") + rule("b", "shop", 2),
    2,
  ],
  [
    "the longer wildcard",
    rule("a", "shop", 1, "", "*.local") + rule("b", "shop", 2, "", "*.shop.svc.cluster.local"),
    2,
  ],
  [
    "the one for this client before the one for all",
    rule("a", "default", 1) + rule("b", "default", 2, selector("v1")),
    2,
  ],
  ["not one for other clients", rule("a", "default", 1) + rule("b", "default", 2, selector("v2")), 1],
  ["not one of another namespace for certain clients", rule("a", "shop", 1, selector("v1")), undefined],
  ["the older of two", dated(rule("a", "shop", 1), 2024) + dated(rule("b", "shop", 2), 2020), 2],
] as const) {
  test(`the policy in force: ${title}`, (t) => t.is(connections(yaml), expected));
}

test("rules for one host add up: subsets join, the oldest that says something says it for all", (t) => {
  const subsets = (name: string, year: number, spec: string) =>
    dated(object("DestinationRule", name, `{host: ${host}, ${spec}}`, "shop"), year);
  const yaml =
    subsets("a", 2020, "subsets: [{name: v1, labels: {version: v1}}]") +
    subsets(
      "b",
      2021,
      "trafficPolicy: {connectionPool: {tcp: {maxConnections: 2}}}, subsets: [{name: v1, labels: {version: x}}, {name: v2, labels: {version: v2}, trafficPolicy: {connectionPool: {tcp: {maxConnections: 3}}}}]",
    ) +
    subsets("c", 2022, "trafficPolicy: {connectionPool: {tcp: {maxConnections: 4}}}");
  t.is(connections(yaml), 2);
  t.is(effective(yaml, "v1").connectionPool?.tcp.maxConnections, 2);
  t.is(effective(yaml, "v2").connectionPool?.tcp.maxConnections, 3);
});

const layered = (spec: string) => object("DestinationRule", "a", `{host: ${host}, ${spec}}`, "shop");
const balanced = "loadBalancer: {simple: RANDOM}";
const ejecting = "outlierDetection: {consecutive5xxErrors: 1}";
const limited = (number: number) => `connectionPool: {tcp: {maxConnections: ${number}}}`;

test("a subset's sections replace the destination's, each as a whole", (t) => {
  const traffic = effective(
    layered(
      `trafficPolicy: {${balanced}, connectionPool: {tcp: {maxConnections: 1, connectTimeout: 1s}}},
       subsets: [{name: v1, labels: {version: v1}, trafficPolicy: {${limited(2)}}}]`,
    ),
    "v1",
  );
  t.is(traffic.loadBalancer?.algorithm.type, "random");
  t.deepEqual(traffic.connectionPool?.tcp, { maxConnections: 2 });
});

test("a port's policy leaves nothing of the wider one's sections", (t) => {
  const yaml = layered(
    `trafficPolicy: {${balanced}, ${ejecting}, portLevelSettings: [{port: {number: 80}, ${limited(3)}}]},
     subsets: [{name: v1, labels: {version: v1}, trafficPolicy: {portLevelSettings: [{port: {number: 80}, ${ejecting}}]}}]`,
  );
  t.deepEqual(Object.keys(effective(yaml)), ["connectionPool"]);
  t.deepEqual(Object.keys(effective(yaml, undefined, 81)).sort(), ["loadBalancer", "outlierDetection"]);
  t.deepEqual(Object.keys(effective(yaml, "v1")), ["outlierDetection"]);
});

test("the mesh's locality settings hold unless the policy has its own", (t) => {
  const mesh = 'localityLbSetting: {distribute: [{from: "a/*", to: {"b/*": 100}}]}';
  t.like(effective("", undefined, 80, mesh).loadBalancer, {
    algorithm: { type: "least-request" },
    localityLb: { enabled: true },
  });
  t.like(effective(layered(`trafficPolicy: {${balanced}}`), undefined, 80, mesh).loadBalancer, {
    algorithm: { type: "random" },
    localityLb: { distribute: [{ from: "a/*" }] },
  });
  const off = "trafficPolicy: {loadBalancer: {localityLbSetting: {enabled: false}}}";
  t.is(effective(layered(off), undefined, 80, mesh).loadBalancer?.localityLb?.enabled, false);
});
