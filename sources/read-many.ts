// Looks at many files, in a thread of their own where there are enough of them to pay for one. In: paths. Out: what one look at each found.
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { inParallel } from "./in-parallel.ts";
import { type Observation, readText } from "./read-text.ts";

/** A thread costs another core some 35 ms, and a file this thread 0.06 ms, most of it for the three answers of the system. */
const worthAThread = 400;

/** Beside this module, with its extension, in the sources as in the bundle. */
const thread = new URL(`./reading-thread${extname(import.meta.url)}`, import.meta.url);

/** In the order of `paths`. */
export async function readMany(paths: readonly string[]): Promise<readonly Observation[]> {
  const found = paths.length < worthAThread ? undefined : await readElsewhere(paths);
  return found ?? inParallel(paths, readText);
}

/** Undefined where there is no thread to be had, or it ended before it could answer. */
export async function readElsewhere(paths: readonly string[]): Promise<readonly Observation[] | undefined> {
  const { promise, resolve } = Promise.withResolvers<readonly Observation[] | undefined>();
  try {
    const worker = new Worker(thread, { workerData: paths });
    worker.once("message", resolve);
    // Whatever it was, this thread will meet it too, and say so.
    worker.once("error", () => resolve(undefined));
    worker.once("exit", () => resolve(undefined));
  } catch {
    return undefined;
  }
  return promise;
}
