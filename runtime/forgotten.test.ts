// What a change brought is forgotten once the next ones have replaced it: a control plane that runs for months sees millions.

import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import test from "ava";
import type { MeshProxy } from "#compiler";
import { makeSnapshot } from "./snapshots.ts";
import { changeWorld, emptyWorld } from "./world.ts";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

const service = `apiVersion: v1
kind: Service
metadata: { name: web, namespace: default }
spec: { ports: [{ name: http, port: 80 }] }
`;

const endpoints = (last: number) => `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: web-1, namespace: default, labels: { kubernetes.io/service-name: web } }
addressType: IPv4
ports: [{ name: http, port: 8080 }]
endpoints: [{ addresses: [10.0.0.${last}], conditions: { ready: true } }]
`;

const served = (turn: number) => `apiVersion: v1
kind: Service
metadata: { name: other-${turn}, namespace: default }
spec: { selector: { app: other-${turn} }, ports: [{ name: http, port: 80 }] }
`;

const proxy: MeshProxy = {
  id: "a.default",
  type: "sidecar",
  name: "a",
  namespace: "default",
  ip: "10.9.9.9",
  labels: {},
  serviceAccount: "default",
  interceptionMode: "REDIRECT",
  hasIdentity: true,
};

/** How many are still there once the collector has had time to leave no more than so many. */
async function leftOf(found: readonly WeakRef<object>[], most: number): Promise<number> {
  let kept = found.length;
  for (let attempt = 0; attempt < 20 && kept > most; attempt++) {
    await turn();
    collect();
    kept = found.filter((each) => each.deref() !== undefined).length;
    await turn();
  }
  return kept;
}

test("endpoints that were replaced are not kept, nor what was made of them", async (t) => {
  let world = changeWorld(emptyWorld(), { upserted: [{ name: "a.yaml", text: service }], removed: [] });
  let snapshot: ReturnType<typeof makeSnapshot>["snapshot"] | undefined;
  const found: WeakRef<object>[] = [];
  for (let last = 1; last <= 40; last++) {
    world = changeWorld(world, { upserted: [{ name: "b.yaml", text: endpoints(last) }], removed: [] });
    const { mesh } = world.compiled;
    snapshot = makeSnapshot(mesh, proxy, [], snapshot, "parts").snapshot;
    const [web] = mesh.services;
    if (web) found.push(new WeakRef(mesh.endpointsOf(web, 80)));
    await turn();
  }
  t.is(found.length, 40);
  const kept = await leftOf(found, 12);
  // The last few meshes stay for proxies that have not caught up.
  t.true(kept <= 12, `${kept} of 40 are still there`);
});

test("what was made for a proxy that has gone is not kept", async (t) => {
  const text = Array.from({ length: 40 }, (_, turns) => served(turns)).join("---\n");
  const world = changeWorld(emptyWorld(), { upserted: [{ name: "a.yaml", text }], removed: [] });
  const found: WeakRef<object>[] = [];
  for (let turns = 0; turns < 40; turns++) {
    const name = `other-${turns}`;
    const other = { ...proxy, id: `${name}.default`, name, labels: { app: name } };
    const { snapshot } = makeSnapshot(world.compiled.mesh, other, [], undefined, "parts");
    const own = [...snapshot.collections.values()].flatMap(({ layers }) => [...(layers?.own.values() ?? [])]);
    for (const each of own) if (each.name === "virtualInbound") found.push(new WeakRef(each));
    await turn();
  }
  t.is(found.length, 40);
  const kept = await leftOf(found, 4);
  t.true(kept <= 4, `${kept} of 40 are still there`);
});
