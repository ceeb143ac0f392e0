// Whether git is in the middle of rewriting a working tree. In: folders. Out: yes or no. git holds `index.lock` from before the first file
// it touches until after the last, which no quiet period can tell as surely.
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { failedLook } from "./read-text.ts";

/** A lock older than this, in ms, was left behind by a git that died, and is no reason to wait. */
const abandonedAfter = 10_000;

/** The `index.lock` of each repository whose working tree holds one of `folders`. A worktree's lock is elsewhere and is not looked for. */
export async function findGitLocks(folders: readonly string[]): Promise<readonly string[]> {
  const locks = new Set<string>();
  for (const start of folders) {
    for (let folder = start; ; folder = dirname(folder)) {
      if (await isFolder(join(folder, ".git"))) {
        locks.add(join(folder, ".git", "index.lock"));
        break;
      }
      if (folder === dirname(folder)) break;
    }
  }
  return [...locks];
}

/** Whether one of the locks is held, at `now` (ms since the Unix epoch). */
export async function isGitAtWork(locks: readonly string[], now: number): Promise<boolean> {
  for (const lock of locks) {
    try {
      if (now - (await stat(lock)).mtimeMs < abandonedAfter) return true;
    } catch (error) {
      failedLook(error);
    }
  }
  return false;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    failedLook(error);
    return false;
  }
}
