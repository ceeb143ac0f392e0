// Service entries that name one host in one namespace → one service with the ports of all, as Istio's sidecars see them:
// people write port 80 in one file and port 443 in another.

import { internLists, memoizeByIdentity } from "../model/memo.ts";
import type { MeshService, ServicePort } from "../model/service.ts";

export interface MergedServices {
  /** In the order given, each group in the place of its first. */
  readonly services: readonly MeshService[];
  /** What a merged service was made of; a service that stands alone is not here. */
  readonly parts: ReadonlyMap<MeshService, readonly MeshService[]>;
}

/** Those that are found in other ways or exported to others stay apart: only one of them can count. */
export function mergeServices(services: readonly MeshService[]): MergedServices {
  const groups = new Map<string, MeshService[]>();
  for (const service of services) {
    const key = service.registry === "kubernetes" ? service.hostname : mergeKey(service);
    const group = groups.get(key);
    if (group) group.push(service);
    else groups.set(key, [service]);
  }
  const parts = new Map<MeshService, readonly MeshService[]>();
  const merged = [...groups.values()].flatMap((group) => {
    if (group.length === 1 || group[0]?.registry === "kubernetes") return group;
    const together = internParts(group);
    const one = merge(together);
    parts.set(one, together);
    return [one];
  });
  return { services: merged, parts };
}

function mergeKey({ hostname, namespace, resolution, visibility }: MeshService): string {
  return JSON.stringify([hostname, namespace, resolution, visibility]);
}

const internParts = internLists<MeshService>();

/** The first to name a port says what it is, and the first of all whether it is outside the mesh. */
const merge = memoizeByIdentity((parts: readonly MeshService[]): MeshService => {
  const [first] = parts;
  if (!first) throw new Error("nothing to merge");
  const ports = new Map<number, ServicePort>();
  for (const port of parts.flatMap((part) => part.ports)) {
    if (!ports.has(port.number)) ports.set(port.number, port);
  }
  return {
    ...first,
    ports: [...ports.values()],
    addresses: [...new Set(parts.flatMap((part) => part.addresses))],
    subjectAltNames: [...new Set(parts.flatMap((part) => part.subjectAltNames))],
  };
});
