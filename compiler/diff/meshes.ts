// Two meshes in; out: which proxies are told something else, and what.

import type { Mesh } from "../3-mesh/mesh.ts";
import { proxiesOf } from "../4-view/proxies.ts";
import type { MeshProxy } from "../4-view/proxy.ts";
import { compileProxy } from "../compile.ts";
import { diffResources, type ResourceDiff } from "./resources.ts";

export interface ProxyDiff {
  readonly id: string;
  readonly type: MeshProxy["type"];
  /** `added` and `removed`: only one side implies this proxy. */
  readonly state: "added" | "removed" | "changed";
  /** Empty unless changed. */
  readonly resources: readonly ResourceDiff[];
}

export interface MeshDiff {
  /** Only proxies for which something differs, by id. */
  readonly proxies: readonly ProxyDiff[];
  /** How many proxies both sides have. */
  readonly compared: number;
}

/** Proxies are the same when their ids are, whatever else the files say of them. */
export function diffMeshes(before: Mesh, after: Mesh): MeshDiff {
  const old = new Map(proxiesOf(before).map((proxy) => [proxy.id, proxy]));
  const now = new Map(proxiesOf(after).map((proxy) => [proxy.id, proxy]));
  const ids = [...new Set([...old.keys(), ...now.keys()])].sort();
  const proxies = ids.flatMap((id): readonly ProxyDiff[] => {
    const earlier = old.get(id);
    const later = now.get(id);
    if (!later) return earlier ? [{ id, type: earlier.type, state: "removed", resources: [] }] : [];
    if (!earlier) return [{ id, type: later.type, state: "added", resources: [] }];
    const resources = diffResources(compileProxy(before, earlier), compileProxy(after, later));
    return resources.length === 0 ? [] : [{ id, type: later.type, state: "changed", resources }];
  });
  return { proxies, compared: ids.filter((id) => old.has(id) && now.has(id)).length };
}
