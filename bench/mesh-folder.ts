// The synthetic mesh as files in a folder of its own, as a control plane watches them.

import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { PolicyFile } from "#compiler";
import { type MeshSize, syntheticMesh } from "./synthetic-mesh.ts";

export interface MeshFolder {
  readonly path: string;
  /** For keys and logs; not watched. */
  readonly state: string;
  /** Saves a file as editors do: written beside, then renamed over. */
  save(file: PolicyFile): Promise<void>;
  remove(): Promise<void>;
}

export async function writeMeshFolder(size: MeshSize): Promise<MeshFolder> {
  const base = await mkdtemp(join(tmpdir(), "fairlead-bench-"));
  const path = join(base, "policies");
  const state = join(base, "state");
  await mkdir(state);
  const files = syntheticMesh(size);
  const folders = new Set(files.map(({ name }) => dirname(join(path, name))));
  for (const folder of folders) await mkdir(folder, { recursive: true });
  for (const { name, text } of files) await writeFile(join(path, name), text);
  return {
    path,
    state,
    save: async ({ name, text }) => {
      const target = join(path, name);
      const aside = join(dirname(target), ".saving");
      await writeFile(aside, text);
      await rename(aside, target);
    },
    remove: () => rm(base, { recursive: true, force: true }),
  };
}
