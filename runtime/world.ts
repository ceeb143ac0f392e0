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
import { holds, type LayeredMap, layeredMap, lookUp, replaceItems, withEntries } from "#immutable";
import { type HeldObject, holdBack } from "./hold-back.ts";

export interface World {
  /** In order of name. */
  readonly files: readonly ReadFile[];
  readonly texts: LayeredMap<string>;
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
  return { files: [], texts: layeredMap(), configDiagnostics: [], compiled, held: [], diagnostics: [] };
}

export function changeWorld(world: World, change: WorldChange): World {
  const settingsFile = readMeshConfig(change.meshConfig);
  const config = settingsFile.config ?? world.config;
  const configDiagnostics = change.meshConfig ? settingsFile.diagnostics : world.configDiagnostics;
  const texts = withEntries(world.texts, [
    ...change.removed.map((name) => [name, undefined] as const),
    ...[change.meshConfig ?? [], change.upserted].flat().map(({ name, text }) => [name, text] as const),
  ]);
  const settings = config ?? world.found ?? defaultMeshConfig;
  // Decoding depends on the mesh config (domain suffix, default visibility): a new one means reading everything anew.
  const again = config === world.config ? [] : world.files.filter(({ name }) => holds(texts, name));
  const read = reader(world, texts, settings);
  const fresh = [...again, ...change.upserted].map(({ name }) => read(name));
  const files = withFiles(world.files, change.removed, fresh);
  // Nobody looks through all files for settings as long as none has any.
  const hasSettings = world.found !== undefined || settingsAmong(fresh) !== undefined;
  const found = config || !hasSettings ? undefined : settingsAmong(files);
  const isOther = JSON.stringify(found) !== JSON.stringify(world.found);
  const current = isOther ? files.map(({ name }) => reader(world, texts, found ?? settings)(name)) : files;
  const { compiled, held, diagnostics } = holdBack(world.compiled, current, config);
  return {
    files: current,
    texts,
    ...(config ? { config } : {}),
    ...(found ? { found } : {}),
    configDiagnostics,
    compiled,
    held,
    diagnostics: sortDiagnostics([...configDiagnostics, ...diagnostics]),
  };
}

function reader(world: World, texts: LayeredMap<string>, settings: MeshConfig): (name: string) => ReadFile {
  return (name) =>
    keepLastGood(fileNamed(world.files, name), readFile({ name, text: lookUp(texts, name) ?? "" }, settings));
}

/**
 * The list with files taken out, put in and replaced, the last of several of one name counting. Where files are only replaced, it
 * knows where, so that nobody has to compare all of them.
 */
function withFiles(
  before: readonly ReadFile[],
  removed: readonly string[],
  upserted: readonly ReadFile[],
): readonly ReadFile[] {
  if (removed.length === 0 && upserted.every(({ name }) => fileNamed(before, name))) {
    return replaceItems(before, new Map(upserted.map((file) => [placeOf(before, file.name), file])));
  }
  const files = before.slice();
  for (const name of removed) {
    const place = placeOf(files, name);
    if (files[place]?.name === name) files.splice(place, 1);
  }
  for (const file of upserted) {
    const place = placeOf(files, file.name);
    files.splice(place, files[place]?.name === file.name ? 1 : 0, file);
  }
  return files;
}

/** The text of a file as it is now, the mesh config file included. */
export function textOf(world: World, file: string): string | undefined {
  return lookUp(world.texts, file);
}

/** What a file has been read to. */
export function fileNamed(files: readonly ReadFile[], name: string): ReadFile | undefined {
  const file = files[placeOf(files, name)];
  return file?.name === name ? file : undefined;
}

/** Where a file of that name is or would be. */
function placeOf(files: readonly ReadFile[], name: string): number {
  let low = 0;
  let high = files.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((files[middle]?.name ?? "") < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
