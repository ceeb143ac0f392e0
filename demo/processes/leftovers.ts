// Processes that an earlier run could not end (it was killed, the machine was too busy). In: a folder of pid files. Nobody is
// ended on the word of a number alone: the process must carry the folder's path in its command line.

import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const suffix = ".pid";

/** `<folder>/<name>.pid`. */
export function pidFile(folder: string, name: string): string {
  return join(folder, `${name}${suffix}`);
}

/** Ends what is left from before and removes the files; the names of those that were still running. */
export async function endLeftovers(folder: string): Promise<readonly string[]> {
  const ended: string[] = [];
  for (const file of (await readdir(folder)).filter((name) => name.endsWith(suffix)).sort()) {
    const path = join(folder, file);
    const pid = Number(await readFile(path, "utf8"));
    if (await belongsTo(pid, folder)) {
      await end(pid, folder);
      ended.push(file.slice(0, -suffix.length));
    }
    await rm(path, { force: true });
  }
  return ended;
}

async function end(pid: number, folder: string): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return; // Gone in the meantime.
    }
    for (let waited = 0; waited < 2000; waited += 20) {
      if (!(await belongsTo(pid, folder))) return;
      await sleep(20);
    }
  }
}

/** Whether the process runs, and was started on this folder. */
async function belongsTo(pid: number, folder: string): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 1) return false;
  const words = (await textOf(`/proc/${pid}/cmdline`)).split("\0");
  return words.some((word) => word.startsWith(`${folder}/`));
}

/** Empty when there is no such file, as for a process that is gone, or on a system without `/proc`. */
async function textOf(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
