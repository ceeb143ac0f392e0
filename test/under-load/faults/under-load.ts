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

/** How often clusters and listeners of an Envoy were added, modified and removed since it started. */
export async function configurationUpdates(
  mesh: LoadMesh,
  proxy: string,
): Promise<Readonly<Record<string, number>>> {
  const stats = await mesh.envoys
    .get(proxy)
    ?.stats("cluster_(added|modified|removed)$|listener_(added|modified|removed)$");
  return Object.fromEntries(
    [...(stats ?? [])].map(([name, value]) => [name.replace(/^\w+manager\./, ""), value]),
  );
}

/** Resolves as soon as it holds; rejects after 45 s, saying what did not happen. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  everyMs = 50,
): Promise<void> {
  const deadline = Date.now() + 45_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await sleep(everyMs);
  }
}
