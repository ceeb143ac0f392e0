// Who runs a demo on a state folder: one process at a time, because the addresses of its mesh exist only once.

import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const name = "owner.json";

interface Owner {
  readonly pid: number;
  /** Tells the process from a later one of the same number; empty where the system does not say. */
  readonly started: string;
}

/** Takes the folder, unless another process that still runs has it: then its pid. */
export async function takeOwnership(folder: string): Promise<{ readonly takenBy?: number }> {
  const path = join(folder, name);
  const before = await readOwner(path);
  if (before && before.pid !== process.pid && (await startOf(before.pid)) === before.started) {
    return { takenBy: before.pid };
  }
  const owner: Owner = { pid: process.pid, started: (await startOf(process.pid)) ?? "" };
  await writeFile(path, JSON.stringify(owner));
  return {};
}

export async function giveUpOwnership(folder: string): Promise<void> {
  await rm(join(folder, name), { force: true });
}

async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Owner;
  } catch {
    return undefined;
  }
}

/** Start time in ticks since boot (proc(5), stat, field 22); undefined when the process is gone. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // The second field is the command in parentheses, and may hold anything.
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}
