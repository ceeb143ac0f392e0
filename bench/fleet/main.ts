// The process that holds the clients of a benchmark.

import { serveParent } from "../child-process.ts";
import { monotonicMs } from "../monotonic.ts";
import { connectClient, type FleetClient } from "./client.ts";
import type { FleetReply, FleetRequest } from "./protocol.ts";

const clients: FleetClient[] = [];
let arrivals: Promise<readonly number[]> = Promise.resolve([]);

serveParent<FleetRequest, FleetReply>(async (request) => {
  const startedAt = monotonicMs();
  switch (request.kind) {
    case "connect": {
      const { members, port, roots } = request;
      clients.push(...members.map((member) => connectClient(member, port, roots)));
      const times = await Promise.all(clients.map(({ configured }) => configured));
      return { kind: "times", startedAt, times };
    }
    case "look-for": {
      const mark = Buffer.from(request.mark);
      arrivals = Promise.all(clients.map((client) => client.waitFor(mark)));
      return { kind: "done" };
    }
    case "arrivals":
      return { kind: "times", startedAt, times: await arrivals };
    case "traffic": {
      const bytes = new Map<string, number>();
      for (const client of clients) {
        for (const [type, size] of client.takeTraffic()) bytes.set(type, (bytes.get(type) ?? 0) + size);
      }
      return { kind: "traffic", bytes };
    }
  }
});
