// What a proxy gets before and after an edit of some files, for tests that hold a step to a fresh compile.

import { changeWorld, emptyWorld } from "#runtime";
import type { LayeredView } from "../4-view/plan/index.ts";
import { proxiesOf } from "../4-view/proxies.ts";
import { buildLayers } from "../4-view/view.ts";
import { compileMesh } from "../compile.ts";
import { joinFiles } from "../join.ts";
import { filterPolicies } from "../kinds/registry.ts";

/** Texts by file name. */
export type Files = Readonly<Record<string, string>>;

export interface Step {
  readonly before: LayeredView;
  readonly after: LayeredView;
  /** The same as `after`, compiled from scratch. */
  readonly fresh: LayeredView;
  /** Whether the meshes are a step apart. */
  readonly isStep: boolean;
}

/**
 * Of the proxy of a workload, `name.namespace`, in a mesh of `files` that are changed to `change`, without `removed`; with `between` one edit
 * after the other, of which the proxy sees the last alone.
 */
export function stepOf(
  id: string,
  files: Files,
  change: Files,
  removed: readonly string[] = [],
  between: readonly Files[] = [],
): Step {
  let world = changeWorld(emptyWorld(), { upserted: listOf(files), removed: [] });
  const proxy = proxiesOf(world.compiled.mesh).find((each) => each.id === id);
  if (!proxy) throw new Error(`no proxy is called ${id}`);
  const view = ({ mesh }: typeof world.compiled) => buildLayers(mesh, proxy, filterPolicies);
  // As the files are, without what the runtime holds back of a change until its references are there.
  let joined = joinFiles(world.files);
  const before = view(joined);
  let isStep = true;
  let now = files;
  for (const [index, edit] of [...between, change].entries()) {
    const gone = index === between.length ? removed : [];
    world = changeWorld(world, { upserted: listOf(edit), removed: gone });
    joined = joinFiles(world.files, undefined, joined);
    isStep &&= joined.mesh.step !== undefined;
    now = Object.fromEntries(Object.entries({ ...now, ...edit }).filter(([name]) => !gone.includes(name)));
  }
  return { before, after: view(joined), fresh: view(compileMesh({ files: listOf(now) })), isStep };
}

function listOf(files: Files): readonly { readonly name: string; readonly text: string }[] {
  return Object.entries(files)
    .map(([name, text]) => ({ name, text }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
