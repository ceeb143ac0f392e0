// The process that holds the clients of a benchmark.

import { serveParent } from "../child-process.ts";
import { monotonicMs } from "../monotonic.ts";
import { connectClient, type FleetClient } from "./client.ts";
import type { FleetReply, FleetRequest } from "./protocol.ts";
import { sumTraffic } from "./traffic.ts";

const clients: FleetClient[] = [];
let arrivals: Promise<readonly number[]> = Promise.resolve([]);

serveParent<FleetRequest, FleetReply>(async (request) => {
  const startedAt = monotonicMs();
  switch (request.kind) {
    case "connect":
      return { kind: "times", startedAt, times: await connectAll(request) };
    case "look-for": {
      const mark = Buffer.from(request.mark);
      arrivals = Promise.all(clients.map((client) => client.waitFor(mark)));
      return { kind: "done" };
    }
    case "arrivals":
      return { kind: "times", startedAt, times: await arrivals };
    case "traffic":
      return { kind: "traffic", traffic: sumTraffic(clients.map((client) => client.takeTraffic())) };
    case "prepare-move":
      for (const client of clients) client.prepareMove();
      return { kind: "prepared", types: Math.min(...clients.map((client) => client.types().length)) };
    case "move":
      for (const client of clients) client.move(request.port);
      return { kind: "moved", startedAt };
  }
});

async function connectAll(request: Extract<FleetRequest, { kind: "connect" }>): Promise<readonly number[]> {
  const { members, port, roots, abreast } = request;
  const times: number[] = [];
  const waiting = members.values();
  const lane = async (): Promise<void> => {
    for (const member of waiting) {
      const client = connectClient(member, port, roots);
      clients.push(client);
      times.push(await client.configured);
    }
  };
  await Promise.all(Array.from({ length: Math.min(abreast, members.length) }, lane));
  return times;
}
