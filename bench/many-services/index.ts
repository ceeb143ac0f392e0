// Benchmark 8: a mesh ten times the reference size, compiled cold: how long it takes and how much memory it needs.

import type { Benchmark } from "../benchmark.ts";
import { measureColdCompile } from "../cold-compile/index.ts";
import { sizeOf } from "../synthetic-mesh.ts";

export const manyServices: Benchmark = {
  number: 8,
  title: "cold compile of many services",
  about: "--many-services, for one sidecar: time by stage, peak memory",
  run: (context) =>
    measureColdCompile(1, 2, { ...context, size: sizeOf(context.manyServices, context.size) }),
};
