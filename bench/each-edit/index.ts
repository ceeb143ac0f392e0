// Benchmark 11: what one edit of each kind of object costs, from its text to the bytes that proxies are to be sent: in the mesh, for
// a sidecar of each namespace, and for a gateway that has every route. Without a server, and without anybody connected.

import type { MeshProxy } from "#compiler";
import { changeWorld, emptyWorld } from "#runtime";
import { makeSnapshot } from "../../runtime/snapshots.ts";
import type { Benchmark, Figure } from "../benchmark.ts";
import { distributionOf } from "../distribution.ts";
import { monotonicMs } from "../monotonic.ts";
import { sidecar } from "../sidecars.ts";
import { type MeshSize, syntheticMesh } from "../synthetic-mesh.ts";
import { boundRouteFile, type Editor, editorsFor, gatewayFile } from "./edits.ts";

export const eachEdit: Benchmark = {
  number: 11,
  title: "one edit of each kind",
  about:
    "text to bytes, for a sidecar of each namespace and a gateway; as many VirtualServices and DestinationRules as services",
  run: async ({ size, changes, say }) => {
    const full = { ...size, routeSets: size.services, destinationRules: size.services };
    say(`one edit of each kind, ${full.services} services with as many VirtualServices`);
    return measure(full, changes);
  },
};

/** Edits before those that count: code that runs for the first time. */
const warmUp = 10;

function measure(size: MeshSize, changes: number): readonly Figure[] {
  const files = syntheticMesh(size).filter(({ name }) => !name.startsWith("routes/"));
  const routes = Array.from({ length: size.routeSets }, (_, index) => boundRouteFile(index, size, 80));
  let world = changeWorld(emptyWorld(), { upserted: [...files, ...routes, gatewayFile], removed: [] });
  const proxies = [
    ...Array.from({ length: size.namespaces }, (_, index) => sidecar(index, size, true)),
    gateway,
  ];
  const server = proxies.map((proxy) => ({ proxy, snapshot: snapshotOf(proxy) }));

  function snapshotOf(proxy: MeshProxy, previous?: Made): Made {
    return makeSnapshot(world.compiled.mesh, proxy, [], previous, "parts").snapshot;
  }
  /** Milliseconds for the mesh, and for everybody's snapshot. */
  function edit({ file }: Editor, turn: number): number {
    const started = monotonicMs();
    world = changeWorld(world, { upserted: [file(turn)], removed: [] });
    for (const each of server) each.snapshot = snapshotOf(each.proxy, each.snapshot);
    return monotonicMs() - started;
  }
  return editorsFor(size).map((editor): Figure => {
    for (let turn = 0; turn < warmUp; turn += 1) edit(editor, turn);
    const took = Array.from({ length: changes }, (_, turn) => edit(editor, warmUp + turn));
    return { name: editor.what, unit: "ms", value: distributionOf(took) };
  });
}

type Made = ReturnType<typeof makeSnapshot>["snapshot"];

const gateway: MeshProxy = {
  id: "gateway.istio-system",
  type: "router",
  name: "gateway",
  namespace: "istio-system",
  ip: "10.99.0.1",
  labels: { istio: "ingressgateway" },
  serviceAccount: "gateway",
  interceptionMode: "NONE",
  hasIdentity: true,
};
