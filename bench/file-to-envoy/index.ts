// Benchmark 2: a policy file is saved, and a real Envoy, over TLS with a certificate of its own, has acknowledged it.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildBootstrap } from "#agent";
import { startEnvoy } from "../../test/envoy/index.ts";
import type { BenchContext, Benchmark } from "../benchmark.ts";
import { openBenchCredentials } from "../credentials.ts";
import { distributionOf } from "../distribution.ts";
import { type MeshFolder, writeMeshFolder } from "../mesh-folder.ts";
import { monotonicMs } from "../monotonic.ts";
import { type Plane, startPlane } from "../plane/index.ts";
import { sidecar } from "../sidecars.ts";
import { routeFile } from "../synthetic-mesh.ts";

// Istio's ports for redirected traffic may be in use by other Envoys on this machine.
const meshConfig = "proxyListenPort: 20701\nproxyInboundListenPort: 20706\n";

const warmUps = 3;
const saves = 60;

export const fileToEnvoy: Benchmark = {
  number: 2,
  title: "file saved → acknowledged by a real Envoy",
  run: async (context) => {
    const folder = await writeMeshFolder(context.size);
    const meshConfigFile = join(folder.state, "mesh.yaml");
    await writeFile(meshConfigFile, meshConfig);
    const plane = await startPlane(folder, context, { name: "plane-envoy", tellsAcks: true, meshConfigFile });
    try {
      return await measure(folder, plane, context);
    } finally {
      await plane.end();
      await folder.remove();
    }
  },
};

async function measure(folder: MeshFolder, plane: Plane, context: BenchContext) {
  context.say("one real Envoy: starting");
  const inSync = plane.next("in-sync");
  const envoy = await startEnvoy({ bootstrap: await bootstrapFor(folder, plane, context) });
  try {
    await envoy.ready(60_000);
    await inSync;
    context.say(`one real Envoy: ${saves} saves`);
    const fromSave: number[] = [];
    const fromChange: number[] = [];
    for (let turn = 0; turn < warmUps + saves; turn += 1) {
      const [changed, acked, settled] = [plane.next("changed"), plane.next("acked"), plane.next("in-sync")];
      const savedAt = monotonicMs();
      await folder.save(routeFile(turn % context.size.routeSets, context.size, 1 + (turn % 79)));
      const [{ at: foundAt }, { at: ackedAt }] = await Promise.all([changed, acked, settled]);
      if (turn < warmUps) continue;
      fromSave.push(ackedAt - savedAt);
      fromChange.push(ackedAt - foundAt);
    }
    return [
      { name: "VirtualService file saved → ACK", unit: "ms", value: distributionOf(fromSave) },
      {
        name: "change found → ACK",
        unit: "ms",
        value: distributionOf(fromChange),
        note: "without the watcher",
      },
    ] as const;
  } finally {
    await envoy.stop();
  }
}

async function bootstrapFor(folder: MeshFolder, plane: Plane, { size }: BenchContext): Promise<string> {
  const { name, namespace, ip, serviceAccount, labels } = sidecar(0, size, true);
  const credentials = await openBenchCredentials(folder.state);
  const token = await credentials.tokenFor(namespace, serviceAccount);
  return JSON.stringify(
    buildBootstrap({
      type: "sidecar",
      name,
      namespace,
      ip,
      serviceAccount,
      labels,
      interceptionMode: "REDIRECT",
      domainSuffix: "cluster.local",
      xds: { host: "127.0.0.1", port: plane.tls },
      security: { roots: credentials.roots, token, serverName: "fairlead" },
      admin: { host: "127.0.0.1", port: 0 },
    }),
  );
}
