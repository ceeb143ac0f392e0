// CPU profiles of measured processes, as `.cpuprofile` files for any viewer of V8's profiles.

import type { BenchContext } from "./benchmark.ts";

/** Arguments for Node, before the file to run. */
export function nodeArguments({ profileFolder }: Pick<BenchContext, "profileFolder">, name: string) {
  if (profileFolder === undefined) return [];
  return [
    "--cpu-prof",
    `--cpu-prof-dir=${profileFolder}`,
    `--cpu-prof-name=${name}-${Date.now()}.cpuprofile`,
  ];
}
