// The order of plans in a view, and which of two listeners keeps a port.

import { compareText } from "../model/text-order.ts";
import type { EndpointsPlan, ListenerPlan } from "./plan/index.ts";

type Named = { readonly name: string };

export function byName<T extends Named>(items: readonly T[]): readonly T[] {
  return items.toSorted(inOrder);
}

/** The order of `byName`. */
export function inOrder(a: Named, b: Named): number {
  return compareText(a.name, b.name);
}

export function byClusterName(plans: readonly EndpointsPlan[]): readonly EndpointsPlan[] {
  return plans.toSorted(inClusterOrder);
}

/** The order of `byClusterName`. */
export function inClusterOrder(a: EndpointsPlan, b: EndpointsPlan): number {
  return compareText(a.clusterName, b.clusterName);
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
