// A number of clients at a control plane of their own: how long they take to get configured, what they weigh there, and how
// long changes take to reach them. Several benchmarks are views of this.

import { setTimeout as sleep } from "node:timers/promises";
import type { BenchContext } from "../benchmark.ts";
import { openBenchCredentials } from "../credentials.ts";
import { type Fleet, type FleetMember, startFleet } from "../fleet/index.ts";
import { type MeshFolder, writeMeshFolder } from "../mesh-folder.ts";
import { mostConnections } from "../open-files.ts";
import { type Plane, type PlaneUsage, startPlane } from "../plane/index.ts";
import { nodeOf, sidecar, sizeFor } from "../sidecars.ts";
import type { MeshSize } from "../synthetic-mesh.ts";
import { type ChangeFigures, type ChangeKind, measureChanges } from "./changes.ts";

export type { ChangeFigures, ChangeKind } from "./changes.ts";

export interface JoinFigures {
  /** Milliseconds from the first connection attempt to each client having everything. */
  readonly configured: readonly number[];
  readonly refusals: number;
  /** Bytes at the control plane for each client that joined, after garbage collection. */
  readonly memory: Pick<PlaneUsage, "rss" | "heapUsed" | "external">;
}

export interface Population {
  readonly folder: MeshFolder;
  readonly plane: Plane;
  readonly fleet: Fleet;
  /** More clients; `abreast` of them may be on their way at a time. They come once the control plane is at rest, or at once. */
  join(clients: number, abreast: number, when?: "at rest" | "at once"): Promise<JoinFigures>;
  /** Changes that reach all who have joined. */
  measure(kind: ChangeKind): Promise<ChangeFigures>;
  end(): Promise<void>;
}

/** A control plane with the mesh of `context`, nobody connected yet, and with room for `most` clients. */
export async function openPopulation(
  most: number,
  context: BenchContext,
  name = `plane-${most}`,
): Promise<Population> {
  if (most > mostConnections())
    throw new Error(`${most} clients need more open files than \`ulimit -Hn\` allows`);
  const size = sizeFor(most, context.size);
  const folder = await writeMeshFolder(size);
  const plane = await startPlane(folder, context, { name });
  const fleet = startFleet(context);
  let clients = 0;
  let turns = 0;
  return {
    folder,
    plane,
    fleet,
    join: async (count, abreast, when = "at rest") => {
      context.say(`${clients + count} clients: connecting`);
      const { members, roots } = await membersOf(clients, count, folder, size, context);
      if (when === "at rest") await plane.atRest();
      const before = await plane.usage(true);
      const port = context.tls ? plane.tls : plane.plain;
      const { startedAt, times } = await fleet.connect({ port, members, abreast, ...roots });
      await sleep(300);
      const after = await plane.usage(true);
      clients += count;
      return {
        configured: times.map((time) => time - startedAt),
        refusals: after.refusals - before.refusals,
        memory: {
          rss: (after.rss - before.rss) / count,
          heapUsed: (after.heapUsed - before.heapUsed) / count,
          external: (after.external - before.external) / count,
        },
      };
    },
    measure: (kind) => {
      context.say(`${clients} clients: ${kind} changes`);
      return measureChanges(kind, clients, { folder, size, plane, fleet, turn: () => turns++ }, context);
    },
    end: async () => {
      await fleet.end();
      await plane.end();
      await folder.remove();
    },
  };
}

async function membersOf(
  from: number,
  count: number,
  folder: MeshFolder,
  size: MeshSize,
  { tls, vhds }: BenchContext,
) {
  const sidecars = Array.from({ length: count }, (_, index) => sidecar(from + index, size, tls));
  if (!tls) return { members: sidecars.map((each): FleetMember => ({ node: nodeOf(each, vhds) })) };
  const credentials = await openBenchCredentials(folder.state);
  const members = await Promise.all(
    sidecars.map(async (each): Promise<FleetMember> => {
      const token = await credentials.tokenFor(each.namespace, each.serviceAccount);
      return { node: nodeOf(each, vhds), token };
    }),
  );
  return { members, roots: { roots: credentials.roots } };
}
