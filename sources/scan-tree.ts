// One walk over folder trees. In: the user's roots. Out: which files hold policy, which folders were walked, which folder entries decide
// what is found, and where the walk was blind. Reads no file, and remembers nothing of earlier walks.
import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { failedLook } from "./read-text.ts";
import { type Resolution, resolveLinks } from "./resolve-links.ts";
import { byCodeUnit, displayName, type Root } from "./roots.ts";

/** A file that should hold policy. */
export interface FoundFile {
  readonly path: string;
  readonly name: string;
  /** Given by the user, not found in a folder: read whatever it is called, and missed when it is gone. */
  readonly explicit: boolean;
  /** Reached through a symlink in its last part. */
  readonly link: boolean;
}

/** Something that cannot be looked into: what was known below it is neither confirmed nor gone. */
export interface BlindSpot {
  readonly path: string;
  readonly name: string;
  readonly message: string;
  /** A dangling symlink of no known kind: worth a word only if it used to lead to policy. */
  readonly trivial: boolean;
}

/** The outcome of one walk. */
export interface Tree {
  readonly files: ReadonlyMap<string, FoundFile>;
  /** Real path of each folder walked → the path by which it was reached. */
  readonly folders: ReadonlyMap<string, string>;
  /** Real path of a folder → entries in it whose replacement changes what the walk finds. */
  readonly pivots: ReadonlyMap<string, ReadonlySet<string>>;
  readonly blind: readonly BlindSpot[];
}

const policyFile = /\.(?:ya?ml|json)$/;

/** Whether a file found in a folder is taken for policy. */
export function isPolicyName(entry: string): boolean {
  return policyFile.test(entry) && !isSkippedName(entry);
}

/** Entries never looked at unless a visible symlink leads there. */
export function isSkippedName(entry: string): boolean {
  return entry.startsWith(".") || entry === "node_modules";
}

/**
 * Walks all roots. `beforeFolder` is called with the real path of each folder before its entries are read, so that a watch placed
 * there misses nothing. Each real folder is walked once, by its own path or else by the first symlink that leads to it: loops of
 * symlinks end, overlapping roots yield each file once, and a symlink added beside a folder does not rename what is in it.
 */
export async function scanTree(roots: readonly Root[], beforeFolder: (real: string) => void): Promise<Tree> {
  const files = new Map<string, FoundFile>();
  const folders = new Map<string, string>();
  const pivots = new Map<string, Set<string>>();
  const blind: BlindSpot[] = [];

  const links: { readonly root: Root; readonly path: string }[] = [];

  const follow = async (path: string): Promise<Resolution> => {
    const seen = new Set<string>();
    for (;;) {
      const resolution = await resolveLinks(path);
      // A watch placed only after the link was read could miss a swap in between: place it, then read once more.
      const fresh = resolution.pivots.filter(({ folder, entry }) => !seen.has(join(folder, entry)));
      if (fresh.length === 0) return resolution;
      for (const { folder, entry } of fresh) {
        seen.add(join(folder, entry));
        const entries = pivots.get(folder) ?? new Set();
        pivots.set(folder, entries.add(entry));
        beforeFolder(folder);
      }
    }
  };

  const walk = async (root: Root, real: string, path: string): Promise<void> => {
    if (folders.has(real)) return;
    beforeFolder(real);
    let entries: Dirent[];
    try {
      entries = await readdir(real, { withFileTypes: true });
    } catch (error) {
      const failure = failedLook(error);
      // Deleted between the parent's listing and ours: the parent's watch has said so, and another walk follows.
      if (failure.kind === "missing" && path !== root.path) return;
      blind.push(blindSpot(root, path, failure.kind === "missing" ? "does not exist" : failure.message));
      return;
    }
    folders.set(real, path);
    for (const entry of entries.sort((a, b) => byCodeUnit(a.name, b.name))) {
      if (isSkippedName(entry.name)) continue;
      const child = join(path, entry.name);
      if (entry.isDirectory()) await walk(root, join(real, entry.name), child);
      else if (entry.isSymbolicLink()) links.push({ root, path: child });
      else if (entry.isFile() && isPolicyName(entry.name)) addFile(root, child, false);
    }
  };

  const visitLink = async (root: Root, path: string): Promise<void> => {
    const { end } = await follow(path);
    const kind = "real" in end ? await kindOf(end.real) : "nothing";
    if ("real" in end && kind === "folder") await walk(root, end.real, path);
    else if (kind !== "other" && isPolicyName(basename(path))) addFile(root, path, true);
    else if (kind === "nothing") blind.push({ ...blindSpot(root, path, danglingLink), trivial: true });
  };

  const addFile = (root: Root, path: string, link: boolean) => {
    const explicit = path === root.path;
    if (explicit || !files.has(path)) {
      files.set(path, { path, name: displayName(root, path), explicit, link });
    }
  };

  for (const root of roots) {
    const { end } = await follow(root.path);
    const kind = "real" in end ? await kindOf(end.real) : "nothing";
    if ("failure" in end) blind.push(blindSpot(root, root.path, end.failure));
    else if (kind === "nothing") blind.push(blindSpot(root, root.path, "does not exist"));
    else if (kind === "folder") await walk(root, end.real, root.path);
    else addFile(root, root.path, true);
  }
  for (const { root, path } of links) await visitLink(root, path);
  return { files, folders, pivots, blind };
}

/** Said of a symlink whose target does not exist. */
export const danglingLink = "is a symlink to something that does not exist";

function blindSpot(root: Root, path: string, message: string): BlindSpot {
  return { path, name: displayName(root, path), message, trivial: false };
}

async function kindOf(path: string): Promise<"folder" | "file" | "other" | "nothing"> {
  try {
    const stats = await stat(path);
    return stats.isDirectory() ? "folder" : stats.isFile() ? "file" : "other";
  } catch (error) {
    return failedLook(error).kind === "missing" ? "nothing" : "other";
  }
}
