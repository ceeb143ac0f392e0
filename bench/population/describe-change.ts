// The figures of changes of one kind, as rows.

import { deliveryRule } from "#xds-server";
import type { Figure } from "../benchmark.ts";
import { distributionOf } from "../distribution.ts";
import type { TargetName } from "../targets.ts";
import type { ChangeFigures } from "./changes.ts";

export const changeNames = { route: "VirtualService", endpoint: "endpoint", service: "new service" } as const;

type Goals = { readonly latency?: TargetName; readonly cpu?: TargetName; readonly bytes?: TargetName };

/** By number of clients. */
const goals: Readonly<Record<ChangeFigures["kind"], Readonly<Record<number, Goals>>>> = {
  route: {
    1: { latency: "route to 1" },
    100: { latency: "route to 100", cpu: "route CPU for 100", bytes: "route bytes" },
  },
  endpoint: {
    100: { latency: "endpoint to 100", cpu: "endpoint CPU for 100" },
    1000: { latency: "endpoint to 1000" },
  },
  service: {},
};

/** Latency, CPU and bytes. */
export function describeChange(figures: ChangeFigures): readonly Figure[] {
  const { kind, clients, changes, toClient, fromSave, cpuMs, bytes } = figures;
  const { latency, cpu, bytes: size }: Goals = goals[kind][clients] ?? {};
  const name = kind === "service" ? changeNames[kind] : `${changeNames[kind]} change`;
  const what = `${name} → ${clients} client${clients === 1 ? "" : "s"}`;
  const perClient = { note: "to each client, per change" };
  const types = [...bytes].sort();
  return [
    {
      name: what,
      unit: "ms",
      value: distributionOf(toClient),
      note: `${changes} changes`,
      ...(latency && { target: latency }),
    },
    { name: `${what}, from save`, unit: "ms", value: distributionOf(fromSave), note: "the watcher included" },
    {
      name: `${what}: control-plane CPU`,
      unit: "ms",
      value: cpuMs,
      note: "per change",
      ...(cpu && { target: cpu }),
    },
    ...types.map(([typeUrl, each]): Figure => {
      return { name: `${what}: ${shortName(typeUrl)}`, unit: "kB", value: each / 1000, ...perClient };
    }),
    {
      name: `${what}: all types`,
      unit: "kB",
      value: types.reduce((sum, [, each]) => sum + each, 0) / 1000,
      ...perClient,
      ...(size && { target: size }),
    },
  ];
}

/** As people call a type of resource. */
export function shortName(typeUrl: string): string {
  return deliveryRule(typeUrl).shortName;
}
