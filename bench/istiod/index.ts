// Benchmark 12: the figures of istiod's own discovery server, on this machine, with the mesh and the clients of the other benchmarks. What
// is around it is to its advantage: next to no debounce, no watcher, no API server, no certificates, and clients that come ten at a time.
// Its start is not measured: making up an API server with the mesh in it takes most of that here.

import { buildOracle } from "../../test/istiod/build.ts";
import type { BenchContext, Benchmark, Figure } from "../benchmark.ts";
import { type Fleet, startFleet } from "../fleet/index.ts";
import { type ChangeFigures, type ChangeKind, measureChanges } from "../population/changes.ts";
import { describeChange } from "../population/describe-change.ts";
import { nodeOf, sidecar, sizeFor } from "../sidecars.ts";
import { syntheticMesh } from "../synthetic-mesh.ts";
import { type Istiod, startIstiod } from "./server.ts";

/** It refuses them when more come at once. */
const abreast = 10;

export const istiod: Benchmark = {
  number: 12,
  title: "istiod's own discovery server, on this machine",
  about: "a change for each of --clients, memory, a crowd; needs Go, and ten minutes the first time",
  onDemand: true,
  run: async (context) => {
    const built = buildOracle(context.say);
    if ("problem" in built) throw new Error(built.problem);
    const figures: Figure[] = [];
    for (const clients of context.clients) figures.push(...(await measure(built.program, clients, context)));
    return figures.map(ofIstiod);
  },
};

async function measure(program: string, clients: number, context: BenchContext): Promise<readonly Figure[]> {
  const size = sizeFor(clients, context.size);
  const fleet = startFleet(context);
  context.say(`istiod, ${clients} clients: connecting`);
  const server = await startIstiod(program, syntheticMesh(size));
  try {
    const joined = await join(server, fleet, clients, context);
    const changes: ChangeFigures[] = [];
    let turns = 0;
    const scene = { folder: server, size, plane: server, fleet, turn: () => turns++ };
    for (const kind of ["route", "endpoint"] satisfies readonly ChangeKind[]) {
      context.say(`istiod, ${clients} clients: ${kind} changes`);
      changes.push(await measureChanges(kind, clients, scene, context));
    }
    return [...joined, ...changes.flatMap(describeChange).filter(({ name }) => !name.includes("from save"))];
  } finally {
    await fleet.end();
    await server.end();
  }
}

async function join(
  server: Istiod,
  fleet: Fleet,
  clients: number,
  { size, vhds }: BenchContext,
): Promise<readonly Figure[]> {
  const members = Array.from({ length: clients }, (_, index) => ({
    node: nodeOf(sidecar(index, size, false), vhds),
  }));
  const before = await server.usage(true);
  const { startedAt, times } = await fleet.connect({ port: server.port, members, abreast });
  const after = await server.usage(true);
  return [
    {
      name: `${clients} clients: all configured`,
      unit: "ms",
      value: Math.max(...times) - startedAt,
      note: `${abreast} at a time`,
      ...(clients === 100 && { target: "crowd of 100" }),
    },
    {
      name: `${clients} clients: memory per client, resident set`,
      unit: "kB",
      value: (after.rss - before.rss) / clients / 1000,
      note: "difference after garbage collection",
      ...(clients === 100 && { target: "memory per client" }),
    },
  ];
}

/** Nobody is to take it for Fairlead's. */
function ofIstiod({ name, target, ...figure }: Figure): Figure {
  return { ...figure, name: `istiod: ${name}`, ...(target && { rival: target }) };
}
