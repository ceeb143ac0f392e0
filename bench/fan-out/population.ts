// A number of clients at a control plane of their own: how long they take to get configured all at once, what they weigh
// there, and how long changes take to reach them. Benchmarks 3, 4 and 5 are views of this.

import { setTimeout as sleep } from "node:timers/promises";
import type { BenchContext } from "../benchmark.ts";
import { openBenchCredentials } from "../credentials.ts";
import { type Fleet, type FleetMember, startFleet } from "../fleet/index.ts";
import { type MeshFolder, writeMeshFolder } from "../mesh-folder.ts";
import { monotonicMs } from "../monotonic.ts";
import { type Plane, type PlaneUsage, startPlane } from "../plane/index.ts";
import { nodeOf, sidecar } from "../sidecars.ts";
import { endpointsFile, routeFile } from "../synthetic-mesh.ts";

export type ChangeKind = "route" | "endpoint";

export interface ChangeFigures {
  readonly kind: ChangeKind;
  readonly changes: number;
  /** Milliseconds from the change reaching the control plane to each client having it: clients × changes. */
  readonly toClient: readonly number[];
  /** The same from the file being saved. */
  readonly fromSave: readonly number[];
  /** Milliseconds of the control plane's CPU, per change. */
  readonly cpuMs: number;
  /** Bytes per client and change, by type URL. */
  readonly bytes: ReadonlyMap<string, number>;
}

export interface PopulationFigures {
  readonly clients: number;
  /** Milliseconds from the first connection attempt to each client having everything. */
  readonly configured: readonly number[];
  readonly refusals: number;
  /** Bytes at the control plane per client, after garbage collection. */
  readonly memory: Pick<PlaneUsage, "rss" | "heapUsed" | "external">;
  readonly changes: readonly ChangeFigures[];
}

export async function measurePopulation(
  clients: number,
  kinds: readonly ChangeKind[],
  context: BenchContext,
): Promise<PopulationFigures> {
  const folder = await writeMeshFolder(context.size);
  const plane = await startPlane(folder, context, { name: `plane-${clients}` });
  const fleet = startFleet();
  try {
    context.say(`${clients} clients: connecting`);
    const { members, roots } = await membersOf(clients, folder, context);
    const before = await plane.usage(true);
    const port = context.tls ? plane.tls : plane.plain;
    const { startedAt, times } = await fleet.connect(port, members, roots);
    await sleep(300);
    const after = await plane.usage(true);
    const changes: ChangeFigures[] = [];
    for (const kind of kinds) {
      context.say(`${clients} clients: ${kind} changes`);
      changes.push(await measureChanges(kind, { folder, plane, fleet, context, clients }));
    }
    return {
      clients,
      configured: times.map((time) => time - startedAt),
      refusals: after.refusals,
      memory: {
        rss: (after.rss - before.rss) / clients,
        heapUsed: (after.heapUsed - before.heapUsed) / clients,
        external: (after.external - before.external) / clients,
      },
      changes,
    };
  } finally {
    await fleet.end();
    await plane.end();
    await folder.remove();
  }
}

async function membersOf(clients: number, folder: MeshFolder, { size, tls }: BenchContext) {
  const sidecars = Array.from({ length: clients }, (_, index) => sidecar(index, size, tls));
  if (!tls) return { members: sidecars.map((each): FleetMember => ({ node: nodeOf(each) })) };
  const credentials = await openBenchCredentials(folder.state);
  const members = await Promise.all(
    sidecars.map(async (each): Promise<FleetMember> => {
      const token = await credentials.tokenFor(each.namespace, each.serviceAccount);
      return { node: nodeOf(each), token };
    }),
  );
  return { members, roots: credentials.roots };
}

interface Scene {
  readonly folder: MeshFolder;
  readonly plane: Plane;
  readonly fleet: Fleet;
  readonly context: BenchContext;
  readonly clients: number;
}

/** The first ones warm up what runs for the first time, and do not count. */
const warmUps = 2;

async function measureChanges(kind: ChangeKind, scene: Scene): Promise<ChangeFigures> {
  const { plane, fleet, context, clients } = scene;
  for (let turn = 0; turn < warmUps; turn += 1) await change(kind, turn, scene);
  await fleet.traffic();
  const before = await plane.usage(false);
  const deadline = monotonicMs() + context.budgetMs;
  const toClient: number[] = [];
  const fromSave: number[] = [];
  let changes = 0;
  while (changes < context.changes && monotonicMs() < deadline) {
    const { savedAt, foundAt, arrivals } = await change(kind, warmUps + changes, scene);
    toClient.push(...arrivals.map((at) => at - foundAt));
    fromSave.push(...arrivals.map((at) => at - savedAt));
    changes += 1;
  }
  const after = await plane.usage(false);
  const traffic = [...(await fleet.traffic())];
  return {
    kind,
    changes,
    toClient,
    fromSave,
    cpuMs: (after.cpuMs - before.cpuMs) / changes,
    bytes: new Map(traffic.map(([type, bytes]) => [type, bytes / changes / clients])),
  };
}

async function change(kind: ChangeKind, turn: number, { folder, plane, fleet, context }: Scene) {
  const { size } = context;
  const mark = kind === "route" ? `bench-change-${1000 + turn}` : `10.250.${turn % 100}.${100 + (turn % 97)}`;
  const file =
    kind === "route"
      ? routeFile(turn % size.routeSets, size, 20 + (turn % 60), mark)
      : endpointsFile(size.services - 1 - (turn % 100), size, mark);
  await fleet.lookFor(mark);
  const found = plane.next("changed");
  const savedAt = monotonicMs();
  await folder.save(file);
  const { at } = await found;
  const arrivals = await fleet.arrivals();
  // Answers come back, and what is left to be done after them is done, before the next change.
  await sleep(50);
  return { savedAt, foundAt: at, arrivals };
}
