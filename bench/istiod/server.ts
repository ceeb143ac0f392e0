// istiod's discovery server as a process of its own, made of istiod's code (`test/istiod/oracle`). In: a mesh, and files that change. Out: what
// benchmarks ask of a control plane.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { PolicyFile } from "#compiler";
import { asIfStored } from "../../test/istiod/api-server.ts";
import type { PlaneMessage } from "../plane/index.ts";
import { cpuMsOf, residentBytesOf } from "../process-usage.ts";

export interface Istiod {
  readonly port: number;
  /** Hands over a file that is another one now; resolves when istiod has it. */
  save(file: PolicyFile): Promise<void>;
  /** The next time that a file is handed over; what istiod does from then on is its own. */
  next(): Promise<Extract<PlaneMessage, { kind: "changed" }>>;
  usage(collect: boolean): Promise<{ readonly cpuMs: number; readonly rss: number }>;
  end(): Promise<void>;
}

interface Done {
  readonly port?: number;
  readonly at: number;
}

/** Resolves when its port is open. */
export async function startIstiod(program: string, mesh: readonly PolicyFile[]): Promise<Istiod> {
  const config = asIfStored(mesh.map(({ text }) => text));
  const child = spawn(program, ["serve"], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (order: object): Promise<Done> => {
    child.stdin.write(`${JSON.stringify(order)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error("the program that runs istiod's code has ended");
    return JSON.parse(value);
  };
  const { port = 0 } = await ask({ config });
  const { pid = 0 } = child;
  let told = Promise.withResolvers<Extract<PlaneMessage, { kind: "changed" }>>();
  return {
    port,
    save: async ({ text }) => {
      const { at } = await ask({ replace: asIfStored([text]) });
      told.resolve({ kind: "changed", at, tookMs: 0 });
    },
    next: () => {
      told = Promise.withResolvers();
      return told.promise;
    },
    usage: async (collect) => {
      if (collect) await ask({ collect });
      return { cpuMs: cpuMsOf(pid), rss: residentBytesOf(pid) };
    },
    end: async () => {
      child.stdin.end();
      const ended = once(child, "exit");
      await Promise.race([ended, sleep(5_000, undefined, { ref: false })]);
      if (child.exitCode === null) child.kill("SIGKILL");
      await ended;
    },
  };
}
