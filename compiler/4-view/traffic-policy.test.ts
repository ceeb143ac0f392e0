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

function effective(
  yaml: string,
  subset?: string,
  port = 80,
  meshConfig = "{}",
  namespace = "default",
): EffectiveTraffic {
  const { mesh, proxy } = worldOf(world0 + yaml, { meshConfig });
  const [found] = mesh.servicesByHost.get(host) ?? [];
  if (!found) throw new Error("no service");
  const client = clientOf(mesh, proxy("client-1.default", { namespace }));
  const policy = policyFor(mesh, client, found);
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
  [
    "the older of two that select this client, and nothing of the younger",
    dated(rule("a", "default", 1, "workloadSelector: {matchLabels: {app: client}}, "), 2024) +
      dated(
        object(
          "DestinationRule",
          "b",
          `{host: ${host}, ${selector("v1")}subsets: [{name: v1, labels: {version: v1}}]}`,
          "default",
        ),
        2020,
      ),
    undefined,
  ],
] as const) {
  test(`the policy in force: ${title}`, (t) => t.is(connections(yaml), expected));
}

const root = "istio-system";

for (const [title, yaml, expected] of [
  ["the service's namespace's before the root's", rule("a", "shop", 1) + rule("b", root, 2), 1],
  [
    "what the root namespace has for itself before both",
    rule("a", "shop", 1) + rule("b", root, 2, "exportTo: ['.'], "),
    2,
  ],
  ["what is for this client as well", rule("a", "shop", 1) + rule("b", root, 2, selector("v1")), 2],
  ["the root's where there is no other", rule("b", root, 2), 2],
] as const) {
  test(`the policy in force for a client in the root namespace: ${title}`, (t) => {
    t.is(effective(yaml, undefined, 80, "{}", root).connectionPool?.tcp.maxConnections, expected);
  });
}

test("rules with the same selector add up, and those for all clients add nothing to them", (t) => {
  const chosen = (name: string, labels: string, spec: string) =>
    object("DestinationRule", name, `{host: ${host}, ${labels}${spec}}`, "default");
  const subset = (name: string) =>
    `subsets: [{name: ${name}, labels: {version: v1}, trafficPolicy: {${ejecting}}}]`;
  const both = "workloadSelector: {matchLabels: {app: client, version: v1}}, ";
  const bothAgain = "workloadSelector: {matchLabels: {version: v1, app: client}}, ";
  const yaml =
    chosen("a", both, subset("a")) + chosen("b", bothAgain, subset("b")) + chosen("c", "", subset("c"));
  const isThere = (name: string) => effective(yaml, name).outlierDetection !== undefined;
  t.deepEqual(["a", "b", "c"].map(isThere), [true, true, false]);
});

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

test("of what no port has of its own, the destination's outlives a subset's port, and nothing outlives its own", (t) => {
  const portless = "proxyProtocol: {}, retryBudget: {percent: 50}";
  const ports = `portLevelSettings: [{port: {number: 80}, ${balanced}}]`;
  const subset = `subsets: [{name: v1, labels: {version: v1}, trafficPolicy: {${portless}, ${ports}}}]`;
  const own = layered(`trafficPolicy: {${portless}, ${ports}}, ${subset}`);
  t.deepEqual(Object.keys(effective(own)), ["loadBalancer"]);
  t.deepEqual(Object.keys(effective(own, "v1")), ["loadBalancer"]);
  const wide = layered(`trafficPolicy: {${ejecting}, proxyProtocol: {version: V2}}, ${subset}`);
  t.is(effective(wide, "v1").proxyProtocol, "V2");
  t.deepEqual(Object.keys(effective(wide, "v1")).sort(), ["loadBalancer", "proxyProtocol"]);
});

test("the mesh's defaults hold where a port's settings leave them out", (t) => {
  const mesh = `defaultTrafficPolicy: {${limited(7)}}`;
  const ports = `portLevelSettings: [{port: {number: 80}, ${ejecting}}]`;
  const yaml = layered(
    `trafficPolicy: {${limited(1)}, ${ports}}, subsets: [{name: v1, labels: {version: v1}, trafficPolicy: {${ports}}}]`,
  );
  for (const [subset, port, expected] of [
    [undefined, 80, 7],
    ["v1", 80, 7],
    [undefined, 81, 1],
  ] as const) {
    t.is(effective(yaml, subset, port, mesh).connectionPool?.tcp.maxConnections, expected);
  }
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
