// The origins of a resource that is made of many parts: its own, then those of each part, every place once.

import type { Origin } from "../model/origin.ts";

/** In the order in which they are met; the same object at the same place is named once. */
export function gatherOrigins(...parts: readonly (readonly Origin[])[]): readonly Origin[] {
  const places = new Map<string, Origin>();
  // Most of a big table's repeat the very object.
  for (const origin of new Set(parts.flat())) {
    const { file, line, column } = origin.position;
    const place = `${file}:${line}:${column}`;
    if (!places.has(place)) places.set(place, origin);
  }
  return [...places.values()];
}
