// Starts the control-plane process of a benchmark.

import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { bindToCore, serverCore } from "../affinity.ts";
import type { BenchContext } from "../benchmark.ts";
import { startChild } from "../child-process.ts";
import type { MeshFolder } from "../mesh-folder.ts";
import { nodeArguments } from "../profile.ts";
import type {
  PlaneArguments,
  PlaneInSync,
  PlaneMessage,
  PlanePorts,
  PlaneReply,
  PlaneRequest,
  PlaneUsage,
} from "./protocol.ts";

export type { PlaneMessage, PlaneUsage } from "./protocol.ts";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));

/** A thousand clients on a busy machine take their time; more than this is a client that never will be. */
const inSyncPatienceMs = 300_000;

export interface Plane {
  readonly plain: number;
  readonly tls: number;
  usage(collect: boolean): Promise<PlaneUsage>;
  /** Resolves when it does nothing any more of its own accord, as a server that has been up for a while; at the latest after 20 s. */
  atRest(): Promise<void>;
  /** When that many streams had asked for that many types and had all of them. Rejects after five minutes. */
  inSync(streams: number, types: number): Promise<number>;
  /** The next message of a kind from now on. */
  next<K extends PlaneMessage["kind"]>(kind: K): Promise<Extract<PlaneMessage, { kind: K }>>;
  end(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
}

/** Resolves when every port is open and all files are served. */
export async function startPlane(
  folder: MeshFolder,
  context: BenchContext,
  options: { readonly name: string; readonly tellsAcks?: boolean; readonly meshConfigFile?: string },
): Promise<Plane> {
  const args: PlaneArguments = {
    folder: folder.path,
    state: folder.state,
    canary: context.canary,
    tellsAcks: options.tellsAcks ?? false,
    ...(options.meshConfigFile === undefined ? {} : { meshConfigFile: options.meshConfigFile }),
  };
  const waiting: { readonly kind: string; resolve(message: PlaneMessage): void }[] = [];
  const child = startChild<PlaneRequest, PlaneReply, PlaneMessage>(main, [JSON.stringify(args)], {
    execArgv: ["--expose-gc", ...nodeArguments(context, options.name)],
    onMessage: (message) => {
      const due = waiting.filter(({ kind }) => kind === message.kind);
      for (const each of due) {
        waiting.splice(waiting.indexOf(each), 1);
        each.resolve(message);
      }
    },
  });
  const { plain, tls } = await child.ask<PlanePorts>({ kind: "ports" });
  if (context.pin) await bindToCore(child.pid, serverCore, "main");
  const usage = (collect: boolean) => child.ask<PlaneUsage>({ kind: "usage", collect });
  return {
    plain,
    tls,
    usage,
    atRest: async () => {
      let { cpuMs } = await usage(false);
      for (let turn = 0; turn < 40; turn += 1) {
        await sleep(500);
        const now = await usage(false);
        if (now.cpuMs - cpuMs < 25) return;
        cpuMs = now.cpuMs;
      }
    },
    next: <K extends PlaneMessage["kind"]>(kind: K) => {
      const { promise, resolve } = Promise.withResolvers<PlaneMessage>();
      waiting.push({ kind, resolve });
      return promise as Promise<Extract<PlaneMessage, { kind: K }>>;
    },
    inSync: async (streams, types) => {
      const late = sleep(inSyncPatienceMs, undefined, { ref: false }).then(() => {
        throw new Error(`not all of ${streams} streams were in sync in time`);
      });
      return (await Promise.race([child.ask<PlaneInSync>({ kind: "in-sync", streams, types }), late])).at;
    },
    end: () => child.end(),
    kill: () => child.kill(),
  };
}
