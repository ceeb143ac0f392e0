// What clients weigh at the control plane, as rows.

import type { Figure } from "../benchmark.ts";
import type { TargetName } from "../targets.ts";
import type { JoinFigures } from "./index.ts";

export function describeMemory(
  { memory }: JoinFigures,
  clients: number,
  note: string,
  target?: TargetName,
): readonly Figure[] {
  const what = `${clients} clients: memory per client`;
  return [
    {
      name: `${what}, resident set`,
      unit: "kB",
      value: memory.rss / 1000,
      note,
      ...(target && { target }),
    },
    { name: `${what}, heap`, unit: "kB", value: memory.heapUsed / 1000, note },
    { name: `${what}, buffers`, unit: "kB", value: memory.external / 1000, note },
  ];
}
