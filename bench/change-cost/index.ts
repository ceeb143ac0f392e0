// Benchmark 9: what a change costs in meshes of growing size, as figures and as a picture. Flat is good.

import { writeFile } from "node:fs/promises";
import type { BenchContext, Benchmark, Figure } from "../benchmark.ts";
import { distributionOf } from "../distribution.ts";
import { describeMachine } from "../machine.ts";
import { changeNames } from "../population/describe-change.ts";
import { type ChangeFigures, openPopulation } from "../population/index.ts";
import { sizeOf } from "../synthetic-mesh.ts";
import { drawLogLog, type Panel } from "./log-log.ts";

/** How many clients there are at each size. */
const crowds = [1, 10] as const;

export const changeCost: Benchmark = {
  number: 9,
  title: "what a change costs, against the size of the mesh",
  about: `for each of --plot-sizes, ${crowds.join(" and ")} clients; draws --plot and writes its numbers beside it`,
  run: async (context) => {
    const points: CostPoint[] = [];
    for (const services of context.plotSizes) points.push(...(await measureSize(services, context)));
    await writeFile(context.plotFile, drawLogLog(panelsOf(points)));
    const numbers = { measuredAt: new Date().toISOString(), machine: describeMachine(), points };
    await writeFile(
      context.plotFile.replace(/(\.svg)?$/, ".json"),
      `${JSON.stringify(numbers, undefined, 2)}\n`,
    );
    return points.flatMap(describePoint);
  },
};

/** Milliseconds. */
interface CostPoint {
  readonly services: number;
  readonly clients: number;
  readonly kind: ChangeFigures["kind"];
  readonly changes: number;
  readonly cpuMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function measureSize(services: number, context: BenchContext): Promise<readonly CostPoint[]> {
  context.say(`${services} services`);
  const most = Math.max(...crowds);
  const population = await openPopulation(
    most,
    { ...context, size: sizeOf(services, context.size) },
    `plane-of-${services}`,
  );
  try {
    const points: CostPoint[] = [];
    let joined = 0;
    for (const clients of crowds) {
      await population.join(clients - joined, most);
      joined = clients;
      for (const kind of ["endpoint", "route"] as const) {
        const { changes, cpuMs, toClient } = await population.measure(kind);
        const { p50, p99 } = distributionOf(toClient);
        points.push({ services, clients, kind, changes, cpuMs, p50Ms: p50, p99Ms: p99 });
      }
    }
    return points;
  } finally {
    await population.end();
  }
}

function describePoint({ services, clients, kind, cpuMs, p50Ms, p99Ms }: CostPoint): readonly Figure[] {
  const what = `${services} services, ${changeNames[kind]} change → ${clients} client${clients === 1 ? "" : "s"}`;
  return [
    { name: `${what}: control-plane CPU`, unit: "ms", value: cpuMs },
    { name: `${what}: latency, p50`, unit: "ms", value: p50Ms },
    { name: `${what}: latency, p99`, unit: "ms", value: p99Ms },
  ];
}

function panelsOf(points: readonly CostPoint[]): readonly Panel[] {
  const panel = (title: string, costOf: (point: CostPoint) => number): Panel => ({
    title,
    xLabel: "services in the mesh",
    yLabel: "milliseconds",
    series: (["endpoint", "route"] as const).flatMap((kind, colour) =>
      crowds.map((clients, dash) => ({
        name: `${changeNames[kind]}, ${clients} client${clients === 1 ? "" : "s"}`,
        colour,
        dashed: dash > 0,
        points: points
          .filter((point) => point.kind === kind && point.clients === clients)
          .map((point) => ({ x: point.services, y: costOf(point) })),
      })),
    ),
  });
  return [
    panel("Control-plane CPU per change", ({ cpuMs }) => cpuMs),
    panel("Change → client, median", ({ p50Ms }) => p50Ms),
  ];
}
