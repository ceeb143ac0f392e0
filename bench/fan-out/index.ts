// Benchmarks 3, 4 and 5: what reaches clients and when, what a client weighs, and how a crowd gets configured.

import { deliveryRule } from "#xds-server";
import type { BenchContext, Benchmark, Figure } from "../benchmark.ts";
import { distributionOf } from "../distribution.ts";
import { type ChangeFigures, measurePopulation, type PopulationFigures } from "./population.ts";

export const changesToClients: Benchmark = {
  number: 3,
  title: "a change reaches every client",
  run: async (context) => {
    const figures: Figure[] = [];
    for (const clients of context.clients) {
      const { changes } = await populationOf(clients, context);
      for (const each of changes) figures.push(...describeChange(each, clients));
    }
    return figures;
  },
};

export const memoryPerClient: Benchmark = {
  number: 4,
  title: "memory per connected client",
  run: async (context) => {
    const { memory, clients } = await populationOf(mostOf(context), context);
    const note = `difference after garbage collection, over ${clients} clients`;
    return [
      { name: "resident set", unit: "kB", value: memory.rss / 1000, note },
      { name: "heap", unit: "kB", value: memory.heapUsed / 1000, note },
      { name: "buffers", unit: "kB", value: memory.external / 1000, note },
    ];
  },
};

export const crowd: Benchmark = {
  number: 5,
  title: "clients connecting at once",
  run: async (context) => {
    const { configured, refusals, clients } = await populationOf(mostOf(context), context);
    return [
      { name: `${clients} clients: configured`, unit: "ms", value: distributionOf(configured) },
      { name: `${clients} clients: all configured`, unit: "ms", value: Math.max(...configured) },
      { name: `${clients} clients: refused`, unit: "refusals", value: refusals },
    ];
  },
};

// One population serves all three benchmarks.
const measured = new Map<number, Promise<PopulationFigures>>();

function populationOf(clients: number, context: BenchContext): Promise<PopulationFigures> {
  const known = measured.get(clients);
  if (known) return known;
  const made = measurePopulation(clients, context.numbers.includes(3) ? ["route", "endpoint"] : [], context);
  measured.set(clients, made);
  return made;
}

function mostOf({ clients }: BenchContext): number {
  return Math.max(...clients);
}

const kindNames = { route: "VirtualService", endpoint: "endpoint" } as const;

function describeChange(figures: ChangeFigures, clients: number): readonly Figure[] {
  const { kind, changes, toClient, fromSave, cpuMs, bytes } = figures;
  const what = `${kindNames[kind]} change → ${clients} client${clients === 1 ? "" : "s"}`;
  return [
    { name: what, unit: "ms", value: distributionOf(toClient), note: `${changes} changes` },
    { name: `${what}, from save`, unit: "ms", value: distributionOf(fromSave), note: "the watcher included" },
    { name: `${what}: control-plane CPU`, unit: "ms", value: cpuMs, note: "per change" },
    ...[...bytes].sort().map(([typeUrl, each]): Figure => {
      const note = "to each client, per change";
      return { name: `${what}: ${deliveryRule(typeUrl).shortName}`, unit: "kB", value: each / 1000, note };
    }),
  ];
}
