// The texts of all sources as the control plane understands them now: each file read once, its last good objects kept,
// the whole joined to one mesh, in which no reference loses its target. Pure: the same changes in the same order give the same world.

import {
  type CompiledMesh,
  type Diagnostic,
  defaultMeshConfig,
  joinFiles,
  keepLastGood,
  type MeshConfig,
  type PolicyFile,
  type ReadFile,
  readFile,
  readMeshConfig,
  settingsAmong,
  sortDiagnostics,
} from "#compiler";
import { type HeldObject, holdBack } from "./hold-back.ts";

export interface World {
  readonly files: ReadonlyMap<string, ReadFile>;
  readonly texts: ReadonlyMap<string, string>;
  /** From the mesh config file; the last good one when the file turned bad. */
  readonly config?: MeshConfig;
  readonly configDiagnostics: readonly Diagnostic[];
  /** From an object among the files, where there is no file of its own. */
  readonly found?: MeshConfig;
  /** What is in force: the files, but for what is held back. */
  readonly compiled: CompiledMesh;
  readonly held: readonly HeldObject[];
  /** Everything wrong with the texts as they are now, sorted by place. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What a change to a world brings. */
export interface WorldChange {
  readonly upserted: readonly PolicyFile[];
  readonly removed: readonly string[];
  /** The new text of the mesh config file. */
  readonly meshConfig?: PolicyFile;
}

export function emptyWorld(): World {
  const compiled = joinFiles([]);
  return { files: new Map(), texts: new Map(), configDiagnostics: [], compiled, held: [], diagnostics: [] };
}

export function changeWorld(world: World, change: WorldChange): World {
  const read = readMeshConfig(change.meshConfig);
  const config = read.config ?? world.config;
  const configDiagnostics = change.meshConfig ? read.diagnostics : world.configDiagnostics;
  const texts = new Map(world.texts);
  const files = new Map(world.files);
  for (const name of change.removed) {
    texts.delete(name);
    files.delete(name);
  }
  if (change.meshConfig) texts.set(change.meshConfig.name, change.meshConfig.text);
  const settings = config ?? world.found ?? defaultMeshConfig;
  // Decoding depends on the mesh config (domain suffix, default visibility): a new one means reading everything anew.
  const again =
    config !== world.config ? [...files.keys()].map((name) => ({ name, text: texts.get(name) ?? "" })) : [];
  for (const file of [...again, ...change.upserted]) {
    texts.set(file.name, file.text);
    files.set(file.name, keepLastGood(world.files.get(file.name), readFile(file, settings)));
  }
  const inOrder = () => [...files.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const found = config ? undefined : settingsAmong(inOrder());
  if (JSON.stringify(found) !== JSON.stringify(world.found)) {
    for (const [name, text] of texts) {
      if (files.has(name)) {
        const again = readFile({ name, text }, found ?? settings);
        files.set(name, keepLastGood(world.files.get(name), again));
      }
    }
  }
  const { compiled, held, diagnostics } = holdBack(world.compiled, inOrder(), config);
  return {
    files,
    texts,
    ...(config ? { config } : {}),
    ...(found ? { found } : {}),
    configDiagnostics,
    compiled,
    held,
    diagnostics: sortDiagnostics([...configDiagnostics, ...diagnostics]),
  };
}
