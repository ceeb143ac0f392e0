// Starts the processes that hold the clients of a benchmark: one, unless it may not hold as many.

import { fileURLToPath } from "node:url";
import { bindToCore, clientCore } from "../affinity.ts";
import type { BenchContext } from "../benchmark.ts";
import { type Child, startChild } from "../child-process.ts";
import { nodeArguments } from "../profile.ts";
import type { FleetMember, FleetReply, FleetRequest, Traffic } from "./protocol.ts";
import { sumTraffic } from "./traffic.ts";

export type { FleetMember, Traffic } from "./protocol.ts";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));

type Reply<K extends FleetReply["kind"]> = Extract<FleetReply, { kind: K }>;

export interface ConnectOptions {
  readonly port: number;
  readonly members: readonly FleetMember[];
  /** PEM: over TLS; absent: plain text. */
  readonly roots?: string;
  /** How many may be on their way at a time. Default all. */
  readonly abreast?: number;
}

export interface Times {
  readonly startedAt: number;
  readonly times: readonly number[];
}

export interface Fleet {
  /** Resolves when all are configured. */
  connect(options: ConnectOptions): Promise<Times>;
  /** Resolves when every client is looking for the mark; then asked for what came of it by `arrivals`. */
  lookFor(mark: string): Promise<void>;
  arrivals(): Promise<readonly number[]>;
  /** What was received by type URL, over all clients, since the last time. */
  traffic(): Promise<ReadonlyMap<string, Traffic>>;
  /** Each client encodes what it will say to another server; the fewest types that any of them speaks of. */
  prepareMove(): Promise<number>;
  /** All say it at once, on new connections; the time at which they began. */
  move(port: number): Promise<number>;
  end(): Promise<void>;
}

export function startFleet(
  context: Pick<BenchContext, "profileFolder" | "clientsPerProcess" | "pin">,
): Fleet {
  const { clientsPerProcess: perProcess } = context;
  const start = () =>
    startChild<FleetRequest, FleetReply>(main, [], { execArgv: nodeArguments(context, "fleet") });
  const children: { readonly child: Child<FleetRequest, FleetReply>; clients: number }[] = [
    { child: start(), clients: 0 },
  ];
  const askAll = <K extends FleetReply["kind"]>(request: FleetRequest) =>
    Promise.all(children.map(({ child }) => child.ask<Reply<K>>(request)));

  return {
    connect: async ({ members, abreast = members.length, ...server }) => {
      const shares: { readonly child: Child<FleetRequest, FleetReply>; readonly members: FleetMember[] }[] =
        [];
      for (let from = 0; from < members.length; ) {
        let last = children.at(-1);
        if (!last || last.clients >= perProcess) {
          last = { child: start(), clients: 0 };
          children.push(last);
        }
        const share = members.slice(from, from + perProcess - last.clients);
        last.clients += share.length;
        from += share.length;
        shares.push({ child: last.child, members: share });
      }
      if (context.pin) {
        await Promise.all(children.map(({ child }) => bindToCore(child.pid, clientCore, "all")));
      }
      const each = Math.max(1, Math.ceil(abreast / Math.max(1, shares.length)));
      const replies = await Promise.all(
        shares.map(({ child, members: share }) =>
          child.ask<Reply<"times">>({ kind: "connect", ...server, members: share, abreast: each }),
        ),
      );
      return {
        startedAt: Math.min(...replies.map(({ startedAt }) => startedAt)),
        times: replies.flatMap(({ times }) => times),
      };
    },
    lookFor: async (mark) => {
      await askAll<"done">({ kind: "look-for", mark });
    },
    arrivals: async () => (await askAll<"times">({ kind: "arrivals" })).flatMap(({ times }) => times),
    traffic: async () =>
      sumTraffic((await askAll<"traffic">({ kind: "traffic" })).map(({ traffic }) => traffic)),
    prepareMove: async () => {
      const replies = await askAll<"prepared">({ kind: "prepare-move" });
      return Math.min(...replies.map(({ types }) => types));
    },
    move: async (port) => {
      const replies = await askAll<"moved">({ kind: "move", port });
      return Math.min(...replies.map(({ startedAt }) => startedAt));
    },
    end: async () => {
      await Promise.all(children.map(({ child }) => child.end()));
    },
  };
}
