// Benchmark 7: a thousand clients and more at one process: what they weigh, and how long changes take to reach all of them.

import type { BenchContext, Benchmark, Figure } from "../benchmark.ts";
import { distributionOf } from "../distribution.ts";
import { describeChange } from "../population/describe-change.ts";
import { describeMemory } from "../population/describe-memory.ts";
import { openPopulation } from "../population/index.ts";

/** So that it is the server that is measured, and not how the clients fare when all of them want the processor. */
const abreast = 50;

export const manyClients: Benchmark = {
  number: 7,
  title: "many clients at one process",
  about: `for each of --crowds: memory, changes; they connect ${abreast} at a time`,
  run: async (context) => {
    const figures: Figure[] = [];
    for (const clients of context.crowds) figures.push(...(await measure(clients, context)));
    return figures;
  },
};

async function measure(clients: number, context: BenchContext): Promise<readonly Figure[]> {
  const population = await openPopulation(clients, context);
  try {
    // What all clients share, the first ones bring along: it is not what one more client weighs.
    const firsts = Math.ceil(clients / 10);
    const first = await population.join(firsts, abreast);
    const rest = await population.join(clients - firsts, abreast);
    const endpoint = await population.measure("endpoint");
    const route = await population.measure("route");
    const { rss, heapUsed } = await population.plane.usage(true);
    return [
      {
        name: `${clients} clients: all configured`,
        unit: "ms",
        value: Math.max(...first.configured) + Math.max(...rest.configured),
        note: `${abreast} at a time`,
      },
      { name: `${clients} clients: refused`, unit: "refusals", value: first.refusals + rest.refusals },
      ...describeMemory(rest, clients, `each after the first ${firsts}, after garbage collection`),
      { name: `${clients} clients: process, resident set`, unit: "MB", value: rss / 1e6 },
      { name: `${clients} clients: process, heap`, unit: "MB", value: heapUsed / 1e6 },
      ...[endpoint, route].flatMap(describeChange),
      ...[endpoint, route].map((each): Figure => {
        // The last of all clients, which is what an operator waits for.
        const lasts = lastArrivals(each.toClient, clients);
        const kind = each.kind === "route" ? "VirtualService" : "endpoint";
        return { name: `${kind} change → the last of ${clients}`, unit: "ms", value: distributionOf(lasts) };
      }),
    ];
  } finally {
    await population.end();
  }
}

/** `toClient` has the clients of one change after the other. */
function lastArrivals(toClient: readonly number[], clients: number): readonly number[] {
  return Array.from({ length: toClient.length / clients }, (_, change) =>
    Math.max(...toClient.slice(change * clients, (change + 1) * clients)),
  );
}
