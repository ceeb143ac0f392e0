// Benchmark 1: texts → mesh → view → resources → bytes, cold, for one sidecar and for a hundred.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { BenchContext, Benchmark, Figure } from "../benchmark.ts";
import { distributionOf, medianOf } from "../distribution.ts";
import { nodeArguments } from "../profile.ts";
import type { ColdCompile } from "./result.ts";

const run = promisify(execFile);
const once = fileURLToPath(new URL("./once.ts", import.meta.url));

export const coldCompile: Benchmark = {
  number: 1,
  title: "cold compile",
  about: "texts to bytes, by stage, for one sidecar and for a hundred",
  run: async (context) => [
    ...(await measureColdCompile(1, 3, context)),
    ...(await measureColdCompile(100, 3, context)),
  ],
};

/** Each time in a process of its own. */
export async function measureColdCompile(
  sidecars: number,
  repeats: number,
  context: Pick<BenchContext, "size" | "profileFolder" | "say">,
): Promise<readonly Figure[]> {
  const runs: ColdCompile[] = [];
  for (let attempt = 0; attempt < repeats; attempt += 1) {
    context.say(
      `cold compile of ${context.size.services} services for ${sidecars}, ${attempt + 1} of ${repeats}`,
    );
    const args = [...nodeArguments(context, `compile-${sidecars}`), once, `${sidecars}`];
    const { stdout } = await run(process.execPath, [...args, JSON.stringify(context.size)]);
    runs.push(JSON.parse(stdout));
  }
  const [first] = runs;
  if (!first) throw new Error("nothing was compiled");
  const what = sidecars === 1 ? "1 sidecar" : `${sidecars} sidecars`;
  const total = distributionOf(runs.map(({ totalMs }) => totalMs));
  const stages = Object.keys(first.stages).map((stage): Figure => {
    const median = medianOf(runs.map((each) => each.stages[stage] ?? 0));
    return {
      name: `${what}: ${stage}`,
      unit: "ms",
      value: median,
      note: `${Math.round((100 * median) / total.p50)} %`,
    };
  });
  return [
    { name: `${what}: total`, unit: "ms", value: total, note: "in a new process; modules already loaded" },
    ...stages,
    { name: `${what}: distinct resources`, unit: "resources", value: first.distinctResources },
    { name: `${what}: encoded`, unit: "kB", value: first.encodedBytes / 1000 },
    {
      name: `${what}: peak memory`,
      unit: "MB",
      value: distributionOf(runs.map(({ peakBytes }) => peakBytes / 1e6)),
      note: "resident set of the process",
    },
  ];
}
