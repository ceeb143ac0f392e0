// Sums of what clients received, by type URL.

import type { Traffic } from "./protocol.ts";

export function sumTraffic(parts: Iterable<ReadonlyMap<string, Traffic>>): ReadonlyMap<string, Traffic> {
  const sums = new Map<string, Traffic>();
  for (const part of parts) {
    for (const [typeUrl, { bytes, resources }] of part) {
      const sum = sums.get(typeUrl) ?? { bytes: 0, resources: 0 };
      sums.set(typeUrl, { bytes: sum.bytes + bytes, resources: sum.resources + resources });
    }
  }
  return sums;
}
