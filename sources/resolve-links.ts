// Follows every symlink on the way to a path, as the kernel does, and says which folder entries the answer hangs on: those must be
// watched, because swapping one of them changes the file without touching it (Kubernetes ConfigMaps: `..data -> ..2026_01_01_x`).
import { lstat, readlink } from "node:fs/promises";
import { join, parse, resolve, sep } from "node:path";
import { failedLook } from "./read-text.ts";

/** One entry of a folder, by the folder's real path. */
export interface Pivot {
  readonly folder: string;
  readonly entry: string;
}

/** Where a path leads. */
export interface Resolution {
  /** The path without any symlink in it, or why there is none. */
  readonly end: { readonly real: string } | { readonly failure: string };
  /** The symlinks passed, then the entry at which the way ended: the target itself, or the first that is missing. */
  readonly pivots: readonly Pivot[];
}

/** As many as Linux follows (path_resolution(7)). */
const maxLinks = 40;

/** Resolves an absolute path. */
export async function resolveLinks(path: string): Promise<Resolution> {
  const pivots: Pivot[] = [];
  const { root } = parse(path);
  let folder = root;
  let rest = path.slice(root.length).split(sep).filter(Boolean);
  let links = 0;
  for (let entry = rest.shift(); entry !== undefined; entry = rest.shift()) {
    const here = join(folder, entry);
    let target: string | undefined;
    try {
      if ((await lstat(here)).isSymbolicLink()) target = await readlink(here);
    } catch (error) {
      const look = failedLook(error);
      pivots.push({ folder, entry });
      return { end: { failure: look.kind === "missing" ? "does not exist" : look.message }, pivots };
    }
    if (target === undefined) {
      if (rest.length === 0) pivots.push({ folder, entry });
      folder = here;
      continue;
    }
    pivots.push({ folder, entry });
    links += 1;
    if (links > maxLinks) return { end: { failure: "is a symlink that leads back to itself" }, pivots };
    const absolute = resolve(folder, target);
    rest = [...absolute.slice(root.length).split(sep).filter(Boolean), ...rest];
    folder = root;
  }
  return { end: { real: folder }, pivots };
}
