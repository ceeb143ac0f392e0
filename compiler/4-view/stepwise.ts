// What was planned for somebody in the mesh before, brought up to date by a small step instead of planned anew. In: how to
// plan, and how to take a step. Out: a function of mesh and somebody that gives what planning would. Only the newest is kept.

import type { Mesh } from "../3-mesh/mesh.ts";
import { type MeshStep, stepFrom } from "../3-mesh/step.ts";

/** Two meshes, and what leads from one to the other. */
export interface Stride {
  readonly before: Mesh;
  readonly after: Mesh;
  readonly step: MeshStep;
}

/** A stride, and what was planned before it. */
export interface Advance<P> extends Stride {
  readonly planned: P;
}

/**
 * `advance` must give what `plan` would, or undefined where it cannot tell from the step alone. `who` is compared by identity.
 */
export function stepwise<W extends object, P>(
  plan: (mesh: Mesh, who: W) => P,
  advance: (advance: Advance<P>, who: W) => P | undefined,
): (mesh: Mesh, who: W) => P {
  // The mesh weakly: somebody who is not asked for any more must not keep an old one.
  const latest = new WeakMap<W, { mesh: WeakRef<Mesh>; planned: P }>();
  return (mesh, who) => {
    const known = latest.get(who);
    const before = known?.mesh.deref();
    if (known && before === mesh) return known.planned;
    const step = before && stepFrom(before, mesh);
    const advanced =
      known && before && step && advance({ before, after: mesh, step, planned: known.planned }, who);
    const planned = advanced ?? plan(mesh, who);
    if (known) {
      known.mesh = weakly(mesh);
      known.planned = planned;
    } else latest.set(who, { mesh: weakly(mesh), planned });
    return planned;
  };
}

const references = new WeakMap<Mesh, WeakRef<Mesh>>();

/** One for all: the collector looks at each. */
function weakly(mesh: Mesh): WeakRef<Mesh> {
  return references.getOrInsertComputed(mesh, () => new WeakRef(mesh));
}
