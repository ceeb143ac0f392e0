// One fault under load: a mesh, its traffic, what is done to it meanwhile, and what was lost.

import { setTimeout as sleep } from "node:timers/promises";
import type { ExecutionContext } from "ava";
import { type Load, startLoad } from "../load/start-load.ts";
import { type LoadMesh, type LoadMeshOptions, startLoadMesh } from "../mesh/mesh.ts";

export interface UnderLoad {
  readonly mesh: LoadMesh;
  readonly load: Load;
  /** Ends the load; what it counted stays. */
  finish(): Promise<void>;
}

/** The load has been running for a moment when this resolves. Everything ends with the test. */
export async function startUnderLoad(
  t: ExecutionContext,
  options: Omit<LoadMeshOptions, "plane"> & { readonly plane?: LoadMeshOptions["plane"] },
): Promise<UnderLoad> {
  const mesh = await startLoadMesh({ plane: "process", ...options });
  t.teardown(() => mesh.stop());
  const load = startLoad({ net: mesh.net, factor: 0.6 });
  let ended: Promise<void> | undefined;
  const finish = () => {
    ended ??= load.stop();
    return ended;
  };
  t.teardown(finish);
  await sleep(500);
  return { mesh, load, finish };
}
