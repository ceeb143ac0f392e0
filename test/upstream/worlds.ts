// The worlds that Istio's own files make: each file by itself, each folder that holds several as `kubectl apply -f`
// would take it, each tree, and everything at once.

import path from "node:path";
import {
  type CompiledMesh,
  compileMesh,
  compileProxy,
  type EmittedResource,
  type MeshProxy,
  proxiesOf,
} from "#compiler";
import { istioFiles, type PolicyFile } from "./istio-files.ts";

export const trees = ["samples", "tests"] as const;

export interface World {
  /** A file or a folder, relative to the root of the upstream files; `.` for everything. */
  readonly name: string;
  readonly files: readonly PolicyFile[];
}

/** What a proxy of a world gets. */
export interface ServedProxy {
  readonly id: string;
  readonly type: MeshProxy["type"];
  readonly resources: readonly EmittedResource[];
}

export interface CompiledWorld extends World {
  readonly compiled: CompiledMesh;
  readonly proxies: readonly ServedProxy[];
}

/** Every world, files first. Empty where the upstream files are absent. */
export function listWorlds(): readonly World[] {
  const files = trees.flatMap((tree) => istioFiles(tree));
  const folders = new Map<string, PolicyFile[]>();
  for (const file of files) {
    for (const folder of ancestors(file.name)) {
      const members = folders.get(folder);
      if (members) members.push(file);
      else folders.set(folder, [file]);
    }
  }
  return [
    ...files.map((file) => ({ name: file.name, files: [file] })),
    ...[...folders]
      .filter(([, members]) => members.length > 1)
      .map(([name, members]) => ({ name, files: members }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  ];
}

function ancestors(name: string): readonly string[] {
  const folder = path.dirname(name);
  return folder === "." ? [folder] : [folder, ...ancestors(folder)];
}

/** Compiled as `compile --all` does: for every proxy that the files imply. */
export function compileWorld(world: World): CompiledWorld {
  const compiled = compileMesh({ files: world.files });
  const proxies = proxiesOf(compiled.mesh).map((proxy) => ({
    id: proxy.id,
    type: proxy.type,
    resources: compileProxy(compiled.mesh, proxy),
  }));
  return { ...world, compiled, proxies };
}
