// One proxy's snapshot: what the compiler emits for it, and the certificates that its proven identity is entitled to. What
// Envoy would not take never gets into one.

import { fromBinary } from "@bufbuild/protobuf";
import { compileProxy, judgeResources, type Mesh, type MeshProxy, type UnsoundResource } from "#compiler";
import {
  collectionOf,
  createSnapshot,
  type EmittedResource,
  encodeResource,
  type ServedResource,
  type Snapshot,
} from "#xds-server";

export interface MadeSnapshot {
  readonly snapshot: Snapshot;
  /** Left out, or served in their last good version. */
  readonly unsound: readonly UnsoundResource[];
}

/**
 * `secrets` are the workload's own certificate and the mesh's roots; empty on a stream that may not have them. An
 * unsound resource is replaced by what `previous` has under its name.
 */
export function makeSnapshot(
  mesh: Mesh,
  proxy: MeshProxy,
  secrets: readonly EmittedResource[],
  previous: Snapshot | undefined,
): MadeSnapshot {
  const { sound, unsound } = judgeResources(compileProxy(mesh, proxy), (resource) => {
    const earlier = collectionOf(previous, resource.typeUrl).resources.get(resource.name);
    return earlier && fromBinary(resource.schema, earlier.body);
  });
  const served: ServedResource[] = [...sound, ...secrets].map((each) => encodeResource(each));
  for (const { resource, withheld } of unsound) {
    if (withheld === "parts") continue;
    const earlier = collectionOf(previous, resource.typeUrl).resources.get(resource.name);
    if (earlier) served.push(earlier);
  }
  return { snapshot: createSnapshot(served, previous), unsound };
}
