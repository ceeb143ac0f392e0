// Starts the process that holds the clients of a benchmark.

import { fileURLToPath } from "node:url";
import { startChild } from "../child-process.ts";
import type { FleetMember, FleetReply, FleetRequest } from "./protocol.ts";

export type { FleetMember } from "./protocol.ts";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));

type Times = Extract<FleetReply, { kind: "times" }>;
type Traffic = Extract<FleetReply, { kind: "traffic" }>;

export interface Fleet {
  /** All at once; resolves when all are configured. */
  connect(port: number, members: readonly FleetMember[], roots?: string): Promise<Times>;
  /** Resolves when every client is looking for the mark; then asked for what came of it by `arrivals`. */
  lookFor(mark: string): Promise<void>;
  arrivals(): Promise<readonly number[]>;
  /** Bytes received by type URL, over all clients, since the last time. */
  traffic(): Promise<ReadonlyMap<string, number>>;
  end(): Promise<void>;
}

export function startFleet(): Fleet {
  const child = startChild<FleetRequest, FleetReply>(main, [], { execArgv: [] });
  return {
    connect: (port, members, roots) =>
      child.ask<Times>({ kind: "connect", port, members, ...(roots === undefined ? {} : { roots }) }),
    lookFor: async (mark) => {
      await child.ask({ kind: "look-for", mark });
    },
    arrivals: async () => (await child.ask<Times>({ kind: "arrivals" })).times,
    traffic: async () => (await child.ask<Traffic>({ kind: "traffic" })).bytes,
    end: () => child.end(),
  };
}
