// Benchmark 10: a replica is killed, and all of its clients come to another one at once, on the same files and the same
// keys, and say what they have. What they are sent again, and when all of them have everything.

import { typeUrls } from "#xds-server";
import type { BenchContext, Benchmark, Figure } from "../benchmark.ts";
import { type Plane, startPlane } from "../plane/index.ts";
import { shortName } from "../population/describe-change.ts";
import { openPopulation, type Population } from "../population/index.ts";

const abreast = 50;

export const reconnectStorm: Benchmark = {
  number: 10,
  title: "clients move to another replica",
  about: "--movers at once: what is sent again, and when all are in sync",
  run: async (context) => {
    const population = await openPopulation(context.movers, context, "plane-left");
    let entered: Plane | undefined;
    try {
      await population.join(context.movers, abreast);
      entered = await startPlane(population.folder, context, { name: "plane-entered" });
      return await moveAll(population, entered, context);
    } finally {
      await population.end();
      await entered?.end();
    }
  },
};

async function moveAll(
  { plane: left, fleet }: Population,
  plane: Plane,
  { movers, tls, say }: BenchContext,
): Promise<readonly Figure[]> {
  say(`${movers} clients: moving`);
  const types = await fleet.prepareMove();
  await left.kill();
  await fleet.traffic();
  const before = await plane.usage(true);
  const inSync = plane.inSync(movers, types);
  const startedAt = await fleet.move(tls ? plane.tls : plane.plain);
  const tookMs = (await inSync) - startedAt;
  const after = await plane.usage(false);
  const traffic = await fleet.traffic();
  const resentOf = (typeUrl: string) => traffic.get(typeUrl)?.resources ?? 0;
  const isReference = movers === 1000;
  return [
    {
      name: `${movers} clients: all in sync`,
      unit: "ms",
      value: tookMs,
      note: "from the first connection attempt",
      ...(isReference && { target: "storm of 1000" }),
    },
    { name: `${movers} clients: control-plane CPU`, unit: "ms", value: after.cpuMs - before.cpuMs },
    { name: `${movers} clients: refused`, unit: "refusals", value: after.refusals },
    {
      name: `${movers} clients: CDS sent again`,
      unit: "resources",
      value: resentOf(typeUrls.cluster),
      ...(isReference && { target: "clusters resent" }),
    },
    {
      name: `${movers} clients: LDS sent again`,
      unit: "resources",
      value: resentOf(typeUrls.listener),
      ...(isReference && { target: "listeners resent" }),
    },
    ...[...traffic].sort().map(
      ([typeUrl, { bytes, resources }]): Figure => ({
        name: `${movers} clients: ${shortName(typeUrl)}`,
        unit: "kB",
        value: bytes / 1000 / movers,
        note: `to each client, in ${Math.round(resources / movers)} resources`,
      }),
    ),
  ];
}
