// Gets files into a folder in the ways that people and tools do: whole, by rename, in pieces, or like a checkout.

import { once } from "node:events";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Files } from "./objects.ts";
import type { Random } from "./random.ts";
import type { Job } from "./writer-thread.ts";

/**
 * - `whole`: truncated and written at once, as most editors do.
 * - `renamed`: written beside and renamed over.
 * - `pieces`: truncated, then written in four pieces with pauses, after each of which it may be read.
 * - `checkout`: what is to change is deleted first, then written, as git does.
 */
export const manners = ["whole", "renamed", "pieces", "checkout"] as const;
export type Manner = (typeof manners)[number];

const pauseMs = 3;

/** What makes a folder hold `after`, where it held `before`. */
export function jobsFor(
  folder: string,
  before: Files,
  after: Files,
  manner: Manner,
  random: Random,
): readonly Job[] {
  const changed = [...after].filter(([name, text]) => before.get(name) !== text);
  const gone = [...before.keys()].filter((name) => !after.has(name));
  const writes = changed.map(([name, text]) => writing(join(folder, name), text, manner));
  const removals = gone.map((name) => removing(join(folder, name)));
  if (manner !== "checkout") return [...writes, ...removals].sort(() => random.next() - 0.5);
  return [...changed.map(([name]) => removing(join(folder, name))), ...removals, ...writes];
}

function removing(path: string): Job {
  return { do: "remove", path };
}

function writing(path: string, text: string, manner: Manner): Job {
  switch (manner) {
    case "whole":
    case "checkout":
      return { do: "write", path, text };
    case "renamed":
      return { do: "rename-over", path, text };
    case "pieces":
      return { do: "pieces", path, text, pauseMs };
  }
}

export interface Writer {
  /** Resolves when all is written. */
  write(jobs: readonly Job[]): Promise<void>;
  stop(): Promise<void>;
}

export function startWriter(): Writer {
  const worker = new Worker(new URL("./writer-thread.ts", import.meta.url));
  return {
    async write(jobs) {
      const done = once(worker, "message");
      worker.postMessage(jobs);
      await done;
    },
    stop: async () => {
      await worker.terminate();
    },
  };
}
