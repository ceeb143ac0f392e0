// What a step may do: send requests from anywhere in the mesh, edit the policy files and wait for what comes of it.

import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Diagnostic } from "#compiler";
import { type Answer, call, type Incoming, readAnswer } from "../app/index.ts";
import type { Landing } from "../changes/index.ts";
import { type DemoMesh, type Example, shortPath } from "../mesh/index.ts";
import { NotAsPromised } from "./promise.ts";

export type Headers = Readonly<Record<string, string>>;

/** An answer of an application, and when it was asked for (milliseconds since 1970). */
export interface Seen extends Incoming {
  readonly askedAt: number;
  readonly answer?: Answer;
}

export interface Tour {
  /** The page, through the gateway. */
  page(headers?: Headers): Promise<Seen>;
  /** A plain request of a workload to a name, through its sidecar. */
  as(
    workload: string,
    url: string,
    options?: { readonly method?: string; readonly headers?: Headers },
  ): Promise<Seen>;
  /** Past the client's sidecar: plain text to a workload's address. */
  straight(workload: string, path: string): Promise<Seen>;
  /**
   * Saves a new version of a policy file while `during` runs on it, and puts the old one back afterwards. `during` begins
   * once all proxies have what the new version brings.
   */
  edited<T>(file: string, change: (text: string) => string, during: (edit: Edit) => Promise<T>): Promise<T>;
  /** What is wrong with the files as they are now. */
  diagnostics(): readonly Diagnostic[];
}

export interface Edit {
  readonly landing: Landing;
  /** The file as diagnostics name it. */
  readonly file: string;
  readonly text: string;
}

const longestLandingMs = 5000;

/** Collects what lands, so that an edit can wait for its own. */
export class LandedChanges {
  readonly #landings: Landing[] = [];

  get count(): number {
    return this.#landings.length;
  }

  add(landing: Landing): void {
    this.#landings.push(landing);
  }

  /** The first change that touches the file and lands after the `count`th. Throws a `NotAsPromised` after five seconds. */
  async next(file: string, count: number): Promise<Landing> {
    const deadline = performance.now() + longestLandingMs;
    while (performance.now() < deadline) {
      const found = this.#landings
        .slice(count)
        .find(({ files }) => files.some(({ name }) => resolve(name) === file));
      if (found) return found;
      await sleep(5);
    }
    throw new NotAsPromised(`the edit of ${file} has not reached all proxies after ${longestLandingMs} ms`);
  }
}

export function openTour(mesh: DemoMesh, example: Example, landed: LandedChanges): Tour {
  const save = async (file: string, text: string): Promise<Landing> => {
    const before = landed.count;
    await writeFile(file, text);
    return landed.next(file, before);
  };
  return {
    page: (headers = {}) => see(call({ url: mesh.pageUrl, headers })),
    as: (workload, url, options = {}) => {
      const { application } = mesh.workload(workload);
      return see(call({ url, ...options, ...(application ? { proxy: application.proxy } : {}) }));
    },
    straight: (workload, path) =>
      see(call({ url: `http://${mesh.workload(workload).proxy.ip}:9080${path}`, timeoutMs: 3000 })),
    async edited(name, change, during) {
      const file = join(example.root, name);
      const before = await readFile(file, "utf8");
      const text = change(before);
      if (text === before) throw new Error(`the tour's edit of ${name} changes nothing`);
      try {
        return await during({ landing: await save(file, text), file: shortPath(file), text });
      } finally {
        await save(file, before);
      }
    },
    diagnostics: () => mesh.plane.world().diagnostics,
  };
}

async function see(sent: Promise<Incoming>): Promise<Seen> {
  const askedAt = Date.now();
  const incoming = await sent;
  const answer = readAnswer(incoming.body);
  return { ...incoming, askedAt, ...(answer ? { answer } : {}) };
}
