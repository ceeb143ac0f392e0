import test from "ava";
import type { ClientNode } from "#xds-server";
import { proxyFromNode } from "./proxy-from-node.ts";
import { changeWorld, emptyWorld } from "./world.ts";

const pod = (name: string, namespace: string, tier: string) => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${namespace}, labels: { tier: ${tier} } }
spec: { serviceAccountName: ${tier}, containers: [] }
status: { phase: Running, podIP: 10.0.0.1 }
`;

const { mesh } = changeWorld(emptyWorld(), {
  upserted: [
    { name: "a.yaml", text: [pod("web", "shop", "gold"), pod("a.b", "shop", "silver")].join("---\n") },
    { name: "b.yaml", text: pod("a", "b.shop", "stolen") },
  ],
  removed: [],
}).compiled;

function claim(id: string) {
  const node: ClientNode = {
    id: `sidecar~10.0.0.9~${id}~cluster.local`,
    cluster: "",
    metadata: { LABELS: { tier: "claimed" } },
    locality: { region: "", zone: "", subZone: "" },
    userAgentName: "envoy",
    userAgentVersion: "",
    clientFeatures: [],
  };
  const found = proxyFromNode(mesh, node, undefined);
  return found.ok ? [found.proxy.labels.tier, found.proxy.serviceAccount] : found.refusal.code;
}

test("a workload that the files describe has the files' labels and service account", (t) => {
  t.deepEqual(claim("web.shop"), ["gold", "gold"]);
  t.deepEqual(claim("a.b.shop"), ["silver", "silver"]);
});

test("a node that the files do not describe is what it says, and nobody of another namespace", (t) => {
  t.deepEqual(claim("web.bank"), ["claimed", "default"]);
  t.deepEqual(claim("a.c.shop"), ["claimed", "default"]);
  t.is(claim("web"), "INVALID_ARGUMENT");
});
