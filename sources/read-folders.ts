// One reading of folders, files or standard input, for commands that end. In: paths. Out: every text and every problem. Keeps no watch.
import { readFile, stat } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { inParallel } from "./in-parallel.ts";
import { decodeText, failedLook, type Observation, readText } from "./read-text.ts";
import { byCodeUnit, toRoots } from "./roots.ts";
import { danglingLink, scanTree } from "./scan-tree.ts";
import type { SourceProblem, SourceText } from "./source.ts";

/** What was found, each list sorted by name. */
export interface ReadFoldersResult {
  readonly texts: readonly SourceText[];
  readonly problems: readonly SourceProblem[];
}

/** The name of the text read from standard input. */
export const standardInputName = "<stdin>";

/**
 * Reads `*.yaml`, `*.yml` and `*.json` below folders (not in hidden folders or `node_modules`), files given by name whatever they are
 * called, pipes (`<(command)`), and `-`, which is `standardInput`. Nothing a user can do to a file makes it reject.
 */
export async function readFolders(
  paths: readonly string[],
  standardInput: NodeJS.ReadableStream = process.stdin,
): Promise<ReadFoldersResult> {
  const texts: SourceText[] = [];
  const problems: SourceProblem[] = [];
  const take = (name: string, observation: Observation) => {
    switch (observation.kind) {
      case "text":
        texts.push({ name, text: observation.text, hash: observation.hash });
        return;
      case "missing":
        problems.push({ name, message: danglingLink });
        return;
      case "moving":
        problems.push({ name, message: "is being written" });
        return;
      case "unreadable":
        problems.push({ name, message: observation.message });
    }
  };
  if (paths.includes("-")) take(standardInputName, decodeText(await buffer(standardInput), "stdin"));
  const folders: string[] = [];
  for (const path of paths) {
    if (path === "-") continue;
    if (await isPipe(path)) take(path, decodeText(await readFile(path), path));
    else folders.push(path);
  }
  const tree = await scanTree(toRoots(folders), () => {});
  for (const spot of tree.blind) if (!spot.trivial) problems.push({ name: spot.name, message: spot.message });
  const files = [...tree.files.values()];
  const observations = await inParallel(files, (file) => readWhole(file.path));
  for (const [index, file] of files.entries()) {
    const observation = observations[index];
    if (observation) take(file.name, observation);
  }
  return { texts: texts.sort(byName), problems: problems.sort(byName) };
}

/** A file that is being written is read again, up to five times. */
async function readWhole(path: string): Promise<Observation> {
  let observation = await readText(path);
  for (let tries = 1; observation.kind === "moving" && tries < 5; tries += 1)
    observation = await readText(path);
  return observation;
}

/** Whether the path is what a shell puts for `<(command)`. */
async function isPipe(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFIFO();
  } catch (error) {
    failedLook(error);
    return false;
  }
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return byCodeUnit(a.name, b.name);
}
