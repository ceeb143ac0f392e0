// The paths the user gave, and how a file below one of them is called in messages.
import { isAbsolute, relative, resolve, sep } from "node:path";

/** A file or folder named by the user. */
export interface Root {
  /** As it was given. */
  readonly given: string;
  /** Absolute, with its symlinks. */
  readonly path: string;
}

/** The given paths against the current directory, each once. */
export function toRoots(given: readonly string[]): readonly Root[] {
  const roots = new Map<string, Root>();
  for (const one of given) {
    const path = resolve(one);
    if (!roots.has(path)) roots.set(path, { given: one, path });
  }
  return [...roots.values()];
}

/** The path as the user would write it: relative when below the current directory or given as relative, else absolute. */
export function displayName(root: Root, path: string): string {
  const fromHere = relative(process.cwd(), path);
  if (fromHere === "") return ".";
  const below = fromHere !== ".." && !fromHere.startsWith(`..${sep}`) && !isAbsolute(fromHere);
  return below || !isAbsolute(root.given) ? fromHere : path;
}

/** Whether `path` is `folder` or something in it. */
export function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Order by code unit, the same on every machine whatever its locale. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
