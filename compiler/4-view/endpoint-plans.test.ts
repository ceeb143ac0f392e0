import test from "ava";
import { object, pod, service, worldOf } from "../testing/world.ts";
import type { LocalityPlan } from "./plan/index.ts";
import type { MeshProxy } from "./proxy.ts";

const at = (ip: string, region: string, zone: string, subzone = "") =>
  `{address: ${ip}, locality: ${[region, zone, subzone].filter((part) => part).join("/")}, labels: {app: api}}`;

const entry = (endpoints: readonly string[]) =>
  object(
    "ServiceEntry",
    "api",
    `{hosts: [api.example.com], location: MESH_INTERNAL, resolution: STATIC,
      ports: [{number: 80, name: http, protocol: HTTP}], endpoints: [${endpoints.join(", ")}]}`,
  );

const everywhere = entry([
  at("192.0.2.1", "west", "a", "rack1"),
  at("192.0.2.2", "west", "a", "rack2"),
  at("192.0.2.3", "west", "b"),
  at("192.0.2.4", "east", "a"),
  at("192.0.2.5", "south", "a"),
]);

const client = pod("client", "10.0.0.1", { labels: "tier: gold" });
const locality = { region: "west", zone: "a", subzone: "rack1" };
const ejecting = "outlierDetection: {consecutive5xxErrors: 3}";

const rule = (policy: string) =>
  object("DestinationRule", "api", `{host: api.example.com, trafficPolicy: {${policy}}}`);

function localitiesOf(
  yaml: string,
  meshConfig?: string,
  where: Partial<MeshProxy> = { locality },
): readonly LocalityPlan[] {
  const world = worldOf(client + yaml, meshConfig === undefined ? {} : { meshConfig });
  const view = world.view("client-1.default", where);
  return view.endpoints.find(({ clusterName }) => clusterName.includes("api.example.com"))?.localities ?? [];
}

/** `priority: last parts of the addresses`, with the weight where there is one. */
function summary(localities: readonly LocalityPlan[]): readonly string[] {
  return localities.map(({ priority, weight, endpoints }) => {
    const members = endpoints.map(({ address }) => address.split(".").at(-1)).join(",");
    return `${priority}: ${members}${weight === undefined ? "" : ` (${weight})`}`;
  });
}

test("without ejection nobody would ever fail over, so that all are equal", (t) => {
  t.deepEqual(
    localitiesOf(everywhere).map(({ priority }) => priority),
    [0, 0, 0, 0, 0],
  );
});

test("with ejection the nearest come first", (t) => {
  t.deepEqual(summary(localitiesOf(everywhere + rule(ejecting))), ["0: 1", "1: 2", "2: 3", "3: 4", "3: 5"]);
});

test("priorities have no gaps", (t) => {
  const yaml = entry([at("192.0.2.1", "west", "b"), at("192.0.2.2", "east", "a")]) + rule(ejecting);
  t.deepEqual(summary(localitiesOf(yaml)), ["0: 1", "1: 2"]);
});

test("a region to fail over to goes before the other regions", (t) => {
  const policy = `${ejecting}, loadBalancer: {localityLbSetting: {failover: [{from: west, to: south}]}}`;
  t.deepEqual(summary(localitiesOf(everywhere + rule(policy))), ["0: 1", "1: 2", "2: 3", "3: 5", "4: 4"]);
});

test("the policy can turn locality off", (t) => {
  const policy = `${ejecting}, loadBalancer: {localityLbSetting: {enabled: false}}`;
  t.true(localitiesOf(everywhere + rule(policy)).every(({ priority }) => priority === 0));
});

test("shares go to localities, and those without one get no traffic", (t) => {
  const policy =
    'loadBalancer: {localityLbSetting: {distribute: [{from: "west/a/*", to: {"west/b/*": 80, "east/a/*": 20}}]}}';
  t.deepEqual(summary(localitiesOf(everywhere + rule(policy))), ["0: 4 (20)", "0: 3 (80)"]);
});

test("localities under one pattern divide its share", (t) => {
  const policy =
    'loadBalancer: {localityLbSetting: {distribute: [{from: "west/*", to: {"west/*": 90, "east/*": 10}}]}}';
  t.deepEqual(summary(localitiesOf(everywhere + rule(policy))), [
    "0: 4 (10)",
    "0: 1 (30)",
    "0: 2 (30)",
    "0: 3 (30)",
  ]);
});

test("shares for clients elsewhere change nothing", (t) => {
  const policy = 'loadBalancer: {localityLbSetting: {distribute: [{from: "east/*", to: {"west/*": 100}}]}}';
  t.true(localitiesOf(everywhere + rule(policy)).every(({ weight }) => weight === undefined));
});

test("the mesh's locality settings hold where the policy has none", (t) => {
  const meshConfig =
    'localityLbSetting: {distribute: [{from: "west/*", to: {"west/b/*": 1, "south/*": 99}}]}';
  t.deepEqual(summary(localitiesOf(everywhere, meshConfig)), ["0: 5 (99)", "0: 3 (1)"]);
});

test("labels that endpoints share with the client make priorities", (t) => {
  const labelled = (ip: string, labels: string) => `{address: ${ip}, labels: {${labels}}}`;
  const yaml = entry([
    labelled("192.0.2.1", "tier: gold, ring: one"),
    labelled("192.0.2.2", "tier: gold, ring: two"),
    labelled("192.0.2.3", "tier: silver, ring: one"),
  ]);
  const policy = `${ejecting}, loadBalancer: {localityLbSetting: {failoverPriority: [tier, "ring=one"]}}`;
  for (const where of [policy, `portLevelSettings: [{port: {number: 80}, ${policy}}]`]) {
    t.deepEqual(summary(localitiesOf(yaml + rule(where))), ["0: 1", "1: 2", "2: 3"], where);
  }
});

test("where an endpoint is counts as if it were among its labels", (t) => {
  const policy = `${ejecting}, loadBalancer: {localityLbSetting: {
    failoverPriority: [topology.kubernetes.io/region, topology.kubernetes.io/zone]}}`;
  t.deepEqual(summary(localitiesOf(everywhere + rule(policy))), ["0: 1", "0: 2", "1: 3", "2: 4", "2: 5"]);
});

test("a client of which nobody says where it is has its labels, and is among all", (t) => {
  const summaryOf = (yaml: string, policy: string) =>
    summary(localitiesOf(yaml + rule(policy), undefined, {}));
  const labelled = (ip: string, tier: string) => `{address: ${ip}, labels: {tier: ${tier}}}`;
  t.deepEqual(
    summaryOf(
      entry([labelled("192.0.2.1", "silver"), labelled("192.0.2.2", "gold")]),
      `${ejecting}, loadBalancer: {localityLbSetting: {failoverPriority: [topology.kubernetes.io/region, tier]}}`,
    ),
    ["0: 2", "1: 1"],
  );
  t.deepEqual(
    summaryOf(
      entry([at("192.0.2.1", "west", "a"), at("192.0.2.2", "east", "a"), "{address: 192.0.2.3}"]),
      'loadBalancer: {localityLbSetting: {distribute: [{from: "*", to: {"west/*": 80, "east/*": 20}}]}}',
    ),
    ["0: 2 (20)", "0: 1 (80)"],
  );
  t.deepEqual(summaryOf(entry([at("192.0.2.1", "west", "a"), "{address: 192.0.2.3}"]), ejecting), [
    "0: 3",
    "1: 1",
  ]);
});

const peers = service("web") + pod("web", "10.0.1.1") + pod("web", "10.0.1.2", { labels: "legacy: 'yes'" });
const mtlsOf = (policies: string) =>
  worldOf(client + peers + policies)
    .view("client-1.default")
    .endpoints.find(({ clusterName }) => clusterName.includes("web"))
    ?.localities.flatMap(({ endpoints }) => endpoints.map(({ mtls }) => mtls));
const authn = (name: string, spec: string, namespace = "default") =>
  object("PeerAuthentication", name, spec, namespace);

for (const [title, policies, expected] of [
  ["endpoints with sidecars take mutual TLS", "", [true, true]],
  [
    "not those whose workload turned it off",
    authn("a", "{selector: {matchLabels: {legacy: 'yes'}}, mtls: {mode: DISABLE}}"),
    [true, false],
  ],
  [
    "not on the port where it is off",
    authn(
      "a",
      "{selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}, portLevelMtls: {80: {mode: DISABLE}}}",
    ),
    [false, false],
  ],
  [
    "another port's does not matter",
    authn("a", "{selector: {matchLabels: {app: web}}, portLevelMtls: {81: {mode: DISABLE}}}"),
    [true, true],
  ],
  ["not where the namespace turned it off", authn("a", "{mtls: {mode: DISABLE}}"), [false, false]],
  ["not where the mesh turned it off", authn("a", "{mtls: {mode: DISABLE}}", "istio-system"), [false, false]],
  [
    "a workload may turn on again what its namespace turned off",
    authn("a", "{mtls: {mode: DISABLE}}") +
      authn("b", "{selector: {matchLabels: {legacy: 'yes'}}, mtls: {mode: STRICT}}"),
    [false, true],
  ],
] as const) {
  test(title, (t) => t.deepEqual(mtlsOf(policies), [...expected]));
}

test("a subset has the endpoints with its labels", (t) => {
  const yaml = object(
    "DestinationRule",
    "web",
    "{host: web, subsets: [{name: old, labels: {legacy: 'yes'}}, {name: none, labels: {legacy: 'no'}}]}",
  );
  const { endpoints } = worldOf(client + peers + yaml).view("client-1.default");
  const addresses = (subset: string) =>
    endpoints
      .find(({ clusterName }) => clusterName === `outbound|80|${subset}|web.default.svc.cluster.local`)
      ?.localities.flatMap((each) => each.endpoints.map(({ address }) => address));
  t.deepEqual(addresses(""), ["10.0.1.1", "10.0.1.2"]);
  t.deepEqual(addresses("old"), ["10.0.1.2"]);
  t.deepEqual(addresses("none"), []);
});
