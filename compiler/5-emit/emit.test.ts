import test from "ava";
import { clusterPlan, endpointsPlan, someOrigin } from "../../test/envoy/plans.ts";
import type { ProxyView } from "../4-view/plan/index.ts";
import { Redacted } from "../model/security.ts";
import { emitGroups, emitView } from "./emit.ts";

function view(changes: Partial<ProxyView>): ProxyView {
  return { clusters: [], endpoints: [], listeners: [], routeTables: [], secrets: [], ...changes };
}

const credential = {
  name: "shop",
  namespace: "edge",
  certificate: "C",
  privateKey: new Redacted("K"),
  lifetimes: [],
  origin: someOrigin,
};

test("resources come by type and then in the order of their plans", (t) => {
  const resources = emitView(
    view({
      clusters: [clusterPlan({ name: "a" }), clusterPlan({ name: "b" })],
      endpoints: [endpointsPlan([], { clusterName: "a" })],
      routeTables: [{ name: "9080", virtualHosts: [], ignorePortInHost: false, origins: [] }],
      secrets: [{ name: "kubernetes://shop", part: "certificate", credential, origins: [] }],
    }),
    new Map(),
  );
  t.deepEqual(
    resources.map(({ typeUrl, name }) => [typeUrl.split(".").at(-1), name]),
    [
      ["Cluster", "a"],
      ["Cluster", "b"],
      ["ClusterLoadAssignment", "a"],
      ["RouteConfiguration", "9080"],
      ["Secret", "kubernetes://shop"],
    ],
  );
  t.true(resources.every(({ typeUrl, schema }) => typeUrl === `type.googleapis.com/${schema.typeName}`));
});

test("in parts, a table in one piece keeps its hosts", (t) => {
  const host = {
    domains: ["*"],
    routes: [],
    requireTls: false,
    includeAttemptCount: false,
    origins: [],
  };
  const table = { ignorePortInHost: true, origins: [] };
  const routeTables = [
    { ...table, name: "9080", virtualHosts: [{ ...host, name: "a" }] },
    { ...table, name: "b:9080", virtualHosts: [{ ...host, name: "b" }], inOnePiece: true as const },
  ];
  const names = emitGroups(view({ routeTables }), new Map(), "parts")
    .flat()
    .map(({ typeUrl, name }) => `${typeUrl.split(".").at(-1)} ${name}`);
  t.deepEqual(names, ["RouteConfiguration 9080", "RouteConfiguration b:9080", "VirtualHost 9080/a"]);
});

test("a plan that two views share is written once", (t) => {
  const shared = clusterPlan();
  const contributors = new Map();
  const [one] = emitView(view({ clusters: [shared] }), contributors);
  const [other] = emitView(view({ clusters: [shared, clusterPlan({ name: "z" })] }), contributors);
  t.is(one, other);
});
