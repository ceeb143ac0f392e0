// Gets files into a folder in the ways that people and tools do: whole, by rename, in pieces, or like a checkout.

import { open, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Files } from "./objects.ts";
import type { Random } from "./random.ts";

/**
 * - `whole`: truncated and written at once, as most editors do.
 * - `renamed`: written beside and renamed over.
 * - `pieces`: truncated, then written in pieces with pauses, each of which may be read.
 * - `checkout`: what is to change is deleted first, then written, as git does.
 */
export const manners = ["whole", "renamed", "pieces", "checkout"] as const;
export type Manner = (typeof manners)[number];

/** Makes the folder hold `after`, where it held `before`. Gives the names that were touched. */
export async function writeFiles(
  folder: string,
  before: Files,
  after: Files,
  manner: Manner,
  random: Random,
): Promise<readonly string[]> {
  const changed = [...after].filter(([name, text]) => before.get(name) !== text);
  const gone = [...before.keys()].filter((name) => !after.has(name));
  const jobs = [
    ...changed.map(([name, text]) => ({ name, run: () => writeOne(join(folder, name), text, manner) })),
    ...gone.map((name) => ({ name, run: () => rm(join(folder, name), { force: true }) })),
  ];
  if (manner === "checkout") {
    for (const [name] of changed) await rm(join(folder, name), { force: true });
  } else jobs.sort(() => random.next() - 0.5);
  for (const { run } of jobs) await run();
  return jobs.map(({ name }) => name);
}

async function writeOne(path: string, text: string, manner: Manner): Promise<void> {
  switch (manner) {
    case "whole":
    case "checkout":
      return writeFile(path, text);
    case "renamed":
      await writeFile(`${path}.tmp`, text);
      return rename(`${path}.tmp`, path);
    case "pieces":
      return writePieces(path, text);
  }
}

async function writePieces(path: string, text: string): Promise<void> {
  const file = await open(path, "w");
  const bytes = Buffer.from(text);
  const size = Math.ceil(bytes.length / 4);
  for (let start = 0; start < bytes.length; start += size) {
    await sleep(2);
    await file.write(bytes.subarray(start, start + size));
  }
  await file.close();
}
