import test from "ava";
import { object, pod, worldOf } from "../testing/world.ts";
import { clientOf, scopeOf } from "./client.ts";

const two =
  pod("web", "10.0.0.1", { labels: "version: v1" }) + pod("web", "10.0.0.2", { labels: "version: v2" });

test("proxies are one client unless policy tells them apart", (t) => {
  const clients = (yaml: string) => {
    const world = worldOf(two + yaml, { allowErrors: true });
    return ["web-1.default", "web-2.default"].map((id) => clientOf(world.mesh, world.proxy(id)));
  };
  const [a, b] = clients("");
  t.is(a, b);
  for (const policy of [
    object(
      "VirtualService",
      "a",
      "{hosts: [a.example.com], http: [{match: [{sourceLabels: {version: v1}}], directResponse: {status: 200}}]}",
    ),
    object(
      "DestinationRule",
      "a",
      "{host: a.example.com, workloadSelector: {matchLabels: {version: v1}}, trafficPolicy: {tls: {mode: DISABLE}}}",
    ),
    object(
      "DestinationRule",
      "a",
      "{host: a.example.com, trafficPolicy: {loadBalancer: {localityLbSetting: {failoverPriority: [version]}}}}",
    ),
    object("Sidecar", "a", '{workloadSelector: {labels: {version: v1}}, egress: [{hosts: ["./*"]}]}'),
  ]) {
    const [c, d] = clients(policy);
    t.not(c, d, policy);
  }
});

test("the mesh's failover by labels tells clients apart, too", (t) => {
  const world = worldOf(two, { meshConfig: "localityLbSetting: {failoverPriority: [version]}" });
  t.deepEqual(clientOf(world.mesh, world.proxy("web-1.default")).labels, { version: "v1" });
});

const scope = (name: string, selector: string, namespace = "default") =>
  object("Sidecar", name, `{${selector}egress: [{hosts: ["./*"]}]}`, namespace);
const selecting = "workloadSelector: {labels: {version: v1}}, ";
const selectingAll = "workloadSelector: {}, ";

for (const [title, yaml, expected] of [
  ["none", "", undefined],
  ["the mesh's", scope("mesh", "", "istio-system"), "mesh"],
  ["the namespace's before the mesh's", scope("mesh", "", "istio-system") + scope("own", ""), "own"],
  ["the one that selects it before both", scope("own", "") + scope("picked", selecting), "picked"],
  ["not one that selects others", scope("picked", selecting.replace("v1", "v2")), undefined],
  ["not another namespace's", scope("other", "", "other"), undefined],
  ["one that selects all before the default", scope("a", "") + scope("b", selectingAll), "b"],
  ["not the root namespace's that selects all", scope("mesh", selectingAll, "istio-system"), undefined],
] as const) {
  test(`the scope in force: ${title}`, (t) => {
    const world = worldOf(two + yaml);
    t.is(scopeOf(world.mesh, world.proxy("web-1.default"))?.name, expected);
    t.is(
      scopeOf(world.mesh, world.proxy("web-1.default", { type: "router" })),
      undefined,
      "gateways have none",
    );
  });
}
