// The total orders that settle every conflict and fix every list, whatever order the files came in.

import { isVisible, type Visibility } from "../model/labels.ts";
import type { Origin } from "../model/origin.ts";
import type { MeshService } from "../model/service.ts";
import { compareText } from "../model/text-order.ts";

interface Named {
  readonly name: string;
  readonly namespace: string;
  readonly origin: Origin;
}

interface Dated extends Named {
  readonly created?: string;
}

/**
 * The oldest object wins, then the one whose name comes first. Objects without a creation time count as equally old and
 * as younger than any with one.
 */
export function compareAge(a: Dated, b: Dated): number {
  if (a.created !== b.created) {
    if (a.created === undefined) return 1;
    if (b.created === undefined) return -1;
    return compareText(a.created, b.created);
  }
  return (
    compareText(a.name, b.name) ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.origin.kind, b.origin.kind)
  );
}

interface Exported {
  readonly namespace: string;
  readonly visibility: Visibility;
}

/**
 * For whoever is in that namespace: what is exported to few goes before what is exported to all, its own namespace's first. So its own
 * routes replace those that all share (istiod, `VirtualServicesForGateway`; the documentation does not say).
 */
export function compareNearness(a: Exported, b: Exported, namespace: string): number {
  return distanceFrom(namespace, a) - distanceFrom(namespace, b);
}

/** In that order, and otherwise in theirs: the list itself where all is exported to all. */
export function nearestFirst<T extends Exported>(items: readonly T[], namespace: string): readonly T[] {
  if (items.every(({ visibility }) => visibility.type === "public")) return items;
  return items.toSorted((a, b) => compareNearness(a, b, namespace));
}

function distanceFrom(namespace: string, item: Exported): number {
  if (item.visibility.type === "public") return 2;
  return item.namespace === namespace ? 0 : 1;
}

/**
 * Of several services with one name the one that counts in a namespace: its own before those of others; among them Kubernetes', else the
 * nearest, else the first. Undefined where it sees none.
 */
export function preferredService(
  services: readonly MeshService[],
  namespace: string,
): MeshService | undefined {
  const visible = services.filter(({ visibility }) => isVisible(visibility, namespace));
  if (visible.length < 2) return visible[0];
  const own = visible.filter((each) => each.namespace === namespace);
  const among = nearestFirst(own.length > 0 ? own : visible, namespace);
  return among.find(({ registry }) => registry === "kubernetes") ?? among[0];
}

/** By namespace, name and kind. */
export function compareNames(a: Named, b: Named): number {
  return (
    compareText(a.namespace, b.namespace) ||
    compareText(a.name, b.name) ||
    compareText(a.origin.kind, b.origin.kind)
  );
}

/** The same for what has no name of its own: by the object it came from. Parts of one object keep their order. */
export function compareOrigins(a: { readonly origin: Origin }, b: { readonly origin: Origin }): number {
  return compareNames({ ...a.origin, origin: a.origin }, { ...b.origin, origin: b.origin });
}

/** A new list, oldest first. */
export function oldestFirst<T extends Dated>(items: readonly T[]): readonly T[] {
  return [...items].sort(compareAge);
}
