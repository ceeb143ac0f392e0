// The order of plans in a view, and which of two listeners keeps a port.

import { compareText } from "../model/text-order.ts";
import type { EndpointsPlan, ListenerPlan } from "./plan/index.ts";

export function byName<T extends { readonly name: string }>(items: readonly T[]): readonly T[] {
  return items.toSorted((a, b) => compareText(a.name, b.name));
}

export function byClusterName(plans: readonly EndpointsPlan[]): readonly EndpointsPlan[] {
  return plans.toSorted((a, b) => compareText(a.clusterName, b.clusterName));
}

/** Two listeners cannot bind one port: what serves the workload itself goes first. */
export function withoutRepeatedPorts(listeners: readonly ListenerPlan[]): readonly ListenerPlan[] {
  const taken = new Set<string>();
  return listeners.filter(({ name }) => {
    if (taken.has(name)) return false;
    taken.add(name);
    return true;
  });
}
