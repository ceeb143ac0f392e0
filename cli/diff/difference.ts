// All that two states of the files differ in: for proxies, and in the objects themselves.

import type { MeshDiff, ObjectDiff, ResourceDiff } from "#compiler";

export interface Difference extends MeshDiff {
  readonly objects: readonly ObjectDiff[];
}

/** The origins to show for a resource: those that are written differently now, or all where none of them is. */
export function tellingOrigins(
  { origins }: ResourceDiff,
  objects: readonly ObjectDiff[],
): ResourceDiff["origins"] {
  const changed = new Set(objects.map(keyOf));
  const telling = origins.filter((origin) => changed.has(keyOf(origin)));
  return telling.length > 0 ? telling : origins;
}

function keyOf(object: { readonly kind: string; readonly namespace: string; readonly name: string }): string {
  return `${object.kind} ${object.namespace}/${object.name}`;
}
