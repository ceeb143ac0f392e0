// Benchmarks 3, 4 and 5: what reaches clients and when, what a client weighs, and how a crowd gets configured.

import { type BenchContext, type Benchmark, type Figure, mostOf } from "../benchmark.ts";
import { distributionOf } from "../distribution.ts";
import { describeChange } from "../population/describe-change.ts";
import { describeMemory } from "../population/describe-memory.ts";
import { type ChangeFigures, type JoinFigures, openPopulation } from "../population/index.ts";

export const changesToClients: Benchmark = {
  number: 3,
  title: "a change reaches every client",
  about: "of a VirtualService, of an endpoint, and a new service, for each of --clients",
  run: async (context) => {
    const figures: Figure[] = [];
    for (const clients of context.clients) {
      const { changes } = await populationOf(clients, context);
      for (const each of changes) figures.push(...describeChange(each));
    }
    return figures;
  },
};

export const memoryPerClient: Benchmark = {
  number: 4,
  title: "memory per connected client",
  about: "at the control plane, after garbage collection, with the most of --clients",
  run: async (context) => {
    const clients = mostOf(context);
    const { joined } = await populationOf(clients, context);
    return describeMemory(
      joined,
      clients,
      "difference after garbage collection, what they share included as far as it was not there before",
      "memory per client",
    );
  },
};

export const crowd: Benchmark = {
  number: 5,
  title: "clients connecting at once",
  about: "the most of --clients: to a control plane that is at rest, and to one that has just started",
  run: async (context) => {
    const clients = mostOf(context);
    const { joined } = await populationOf(clients, context);
    const { configured, refusals } = joined;
    const isReference = clients === 100;
    const early = await joinAtOnce(clients, context);
    return [
      { name: `${clients} clients: configured`, unit: "ms", value: distributionOf(configured) },
      {
        name: `${clients} clients: all configured`,
        unit: "ms",
        value: Math.max(...configured),
        ...(isReference && { target: "crowd of 100" }),
      },
      {
        name: `${clients} clients: refused`,
        unit: "refusals",
        value: refusals,
        ...(isReference && { target: "refusals of 100" }),
      },
      {
        name: `${clients} clients of a control plane that has just started: all configured`,
        unit: "ms",
        value: Math.max(...early.configured),
      },
      {
        name: `${clients} clients of a control plane that has just started: refused`,
        unit: "refusals",
        value: early.refusals,
      },
    ];
  },
};

interface Measured {
  readonly joined: JoinFigures;
  readonly changes: readonly ChangeFigures[];
}

// One population serves all three benchmarks.
const measured = new Map<number, Promise<Measured>>();

function populationOf(clients: number, context: BenchContext): Promise<Measured> {
  const known = measured.get(clients);
  if (known) return known;
  const made = measure(clients, context);
  measured.set(clients, made);
  return made;
}

async function measure(clients: number, context: BenchContext): Promise<Measured> {
  const population = await openPopulation(clients, context);
  try {
    const joined = await population.join(clients, clients);
    if (!context.numbers.includes(3)) return { joined, changes: [] };
    const changes: ChangeFigures[] = [];
    for (const kind of ["route", "endpoint", "service"] as const)
      changes.push(await population.measure(kind));
    return { joined, changes };
  } finally {
    await population.end();
  }
}

async function joinAtOnce(clients: number, context: BenchContext): Promise<JoinFigures> {
  const population = await openPopulation(clients, context, "plane-started");
  try {
    return await population.join(clients, clients, "at once");
  } finally {
    await population.end();
  }
}
