// One proxy's snapshot: what the compiler emits for it, and the certificates that its proven identity is entitled to.

import { compileProxy, type Mesh, type MeshProxy } from "#compiler";
import {
  createSnapshot,
  type EmittedResource,
  encodeResource,
  encodeSnapshot,
  type Snapshot,
} from "#xds-server";

/** Proxies that get the same resources get the same snapshot: the compiler's list is shared, so it is the key. */
const encoded = new WeakMap<readonly EmittedResource[], Snapshot>();

/** `secrets` are the workload's own certificate and the mesh's roots; empty on a stream that may not have them. */
export function snapshotFor(
  mesh: Mesh,
  proxy: MeshProxy,
  secrets: readonly EmittedResource[],
  previous: Snapshot | undefined,
): Snapshot {
  const emitted = compileProxy(mesh, proxy);
  if (secrets.length > 0) {
    return createSnapshot(
      [...emitted, ...secrets].map((each) => encodeResource(each)),
      previous,
    );
  }
  const known = encoded.get(emitted);
  if (known) return known;
  const made = encodeSnapshot(emitted, previous);
  encoded.set(emitted, made);
  return made;
}
