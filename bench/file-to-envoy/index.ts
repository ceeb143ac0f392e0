// Benchmark 2: a policy file is saved, and a real Envoy, over TLS with a certificate of its own, has acknowledged it. Where
// the time goes: until the watcher has found the change, until it is on its way to Envoy, until Envoy's answer is back.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildBootstrap } from "#agent";
import type { PolicyFile } from "#compiler";
import { startEnvoy } from "../../test/envoy/index.ts";
import type { BenchContext, Benchmark, Figure } from "../benchmark.ts";
import { openBenchCredentials } from "../credentials.ts";
import { distributionOf } from "../distribution.ts";
import { type MeshFolder, writeMeshFolder } from "../mesh-folder.ts";
import { monotonicMs } from "../monotonic.ts";
import { type Plane, startPlane } from "../plane/index.ts";
import { sidecar } from "../sidecars.ts";
import { endpointsFile, routeFile, syntheticMesh } from "../synthetic-mesh.ts";
import type { TargetName } from "../targets.ts";

// Istio's ports for redirected traffic may be in use by other Envoys on this machine.
const meshConfig = "proxyListenPort: 20701\nproxyInboundListenPort: 20706\n";

const warmUps = 3;
/** A hundred, so that the 99th percentile is not the largest. */
const saveCount = 100;

export const fileToEnvoy: Benchmark = {
  number: 2,
  title: "file saved → acknowledged by a real Envoy",
  about: "a VirtualService and an endpoint: watcher, control plane, Envoy",
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

async function measure(folder: MeshFolder, plane: Plane, context: BenchContext): Promise<readonly Figure[]> {
  const { size } = context;
  context.say("one real Envoy: starting");
  const inSync = plane.next("in-sync");
  const envoy = await startEnvoy({ bootstrap: await bootstrapFor(folder, plane, context) });
  const lengths = new Map(syntheticMesh(size).map(({ name, text }) => [name, text.length]));
  const route = (turn: number) => routeFile(turn % size.routeSets, size, 1 + (turn % 79));
  const endpoint = (turn: number) =>
    endpointsFile(size.services - 1 - (turn % Math.min(100, size.services)), size, `10.250.1.${1 + turn}`);
  try {
    await envoy.ready(60_000);
    await inSync;
    context.say(`one real Envoy: ${saveCount} VirtualServices saved`);
    const routes = await saveEach(route, folder, plane, lengths);
    context.say(`one real Envoy: ${saveCount} endpoints saved`);
    const endpoints = await saveEach(endpoint, folder, plane, lengths);
    return [
      ...describe("VirtualService", routes, "route file to Envoy"),
      ...describe("endpoint", endpoints, undefined),
    ];
  } finally {
    await envoy.stop();
  }
}

/** One save; times of the clock that all processes share. */
interface Journey {
  readonly savedAt: number;
  readonly foundAt: number;
  readonly sentAt: number;
  readonly ackedAt: number;
}

/** The watcher gives a file that loses characters more time, in case its writer is not done. */
interface Save extends Journey {
  readonly shorter: boolean;
}

async function saveEach(
  fileOf: (turn: number) => PolicyFile,
  folder: MeshFolder,
  plane: Plane,
  lengths: Map<string, number>,
): Promise<readonly Save[]> {
  const saves: Save[] = [];
  for (let turn = 0; turn < warmUps + saveCount; turn += 1) {
    const heard = [plane.next("changed"), plane.next("sent"), plane.next("acked")] as const;
    const settled = plane.next("in-sync");
    const file = fileOf(turn);
    const shorter = file.text.length < (lengths.get(file.name) ?? 0);
    lengths.set(file.name, file.text.length);
    const savedAt = monotonicMs();
    await folder.save(file);
    const [{ at: foundAt }, { at: sentAt }, { at: ackedAt }] = await Promise.all(heard);
    await settled;
    if (turn >= warmUps) saves.push({ savedAt, foundAt, sentAt, ackedAt, shorter });
  }
  return saves;
}

function describe(what: string, saves: readonly Save[], target: TargetName | undefined): readonly Figure[] {
  const leg = (from: keyof Journey, to: keyof Journey, of = saves) =>
    distributionOf(of.map((each) => each[to] - each[from]));
  const shorter = saves.filter((each) => each.shorter);
  return [
    {
      name: `${what} file saved → ACK`,
      unit: "ms",
      value: leg("savedAt", "ackedAt"),
      ...(target && { target }),
    },
    { name: `${what}: saved → found`, unit: "ms", value: leg("savedAt", "foundAt"), note: "the watcher" },
    ...(shorter.length === 0
      ? []
      : [
          {
            name: `${what}: saved → found, file became shorter`,
            unit: "ms",
            value: leg("savedAt", "foundAt", shorter),
          } as const,
        ]),
    { name: `${what}: found → sent`, unit: "ms", value: leg("foundAt", "sentAt"), note: "the control plane" },
    {
      name: `${what}: sent → ACK`,
      unit: "ms",
      value: leg("sentAt", "ackedAt"),
      note: "Envoy and the network",
    },
  ];
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
