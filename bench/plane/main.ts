// The control plane of a benchmark: the real one, on a folder, in a process of its own, so that its CPU and memory can be
// told from everybody else's.

import { setTimeout as sleep } from "node:timers/promises";
import { createLogger, openCertificates, startControlPlane } from "#runtime";
import { serveParent, tellParent } from "../child-process.ts";
import { monotonicAt } from "../monotonic.ts";
import type { PlaneArguments, PlaneMessage, PlaneReply, PlaneRequest } from "./protocol.ts";

const { folder, state, meshConfigFile, canary, tellsAcks }: PlaneArguments = JSON.parse(
  process.argv[2] ?? "",
);
const log = createLogger("text", "error");
const tell = (message: PlaneMessage): void => tellParent(message);
let refusals = 0;
/** Of `performance.now()`. */
let lastEventAt = 0;

const anyPort = { host: "127.0.0.1", port: 0 };
const started = startControlPlane({
  folders: [folder],
  ...(meshConfigFile === undefined ? {} : { meshConfigFile }),
  xds: anyPort,
  xdsTls: anyPort,
  version: "bench",
  canary,
  log,
  openAuthority: (config) => openCertificates({ stateDir: state, config, servingNames: [], log }),
  onChange: ({ startedAt, tookMs }) => tell({ kind: "changed", at: monotonicAt(startedAt), tookMs }),
  onStatus: (event) => {
    lastEventAt = performance.now();
    if (event.kind === "refused" || event.kind === "nacked") refusals += 1;
    if (!tellsAcks) return;
    const at = monotonicAt(lastEventAt);
    if (event.kind === "sent" || event.kind === "acked")
      tell({ kind: event.kind, at, typeUrl: event.typeUrl });
    if (event.kind === "in-sync") tell({ kind: "in-sync", at });
  },
});

serveParent<PlaneRequest, PlaneReply>(async (request) => {
  const plane = await started;
  switch (request.kind) {
    case "ports":
      return { kind: "ports", plain: plane.xds?.port ?? 0, tls: plane.xdsTls?.port ?? 0 };
    case "usage": {
      // Twice, since what the first pass frees may have held what the second can.
      if (request.collect) for (let pass = 0; pass < 2; pass += 1) globalThis.gc?.();
      const { user, system } = process.cpuUsage();
      const { rss, heapUsed, external } = process.memoryUsage();
      return { kind: "usage", cpuMs: (user + system) / 1000, rss, heapUsed, external, refusals };
    }
    case "in-sync":
      return { kind: "in-sync", at: await untilInSync(request.streams, request.types) };
  }
});

const quietMs = 100;

/** Looks when nothing has happened for a while, since looking costs what is measured; what is told is when the last event was. */
async function untilInSync(streams: number, types: number): Promise<number> {
  const { server } = await started;
  for (;;) {
    const at = lastEventAt;
    if (performance.now() - at < quietMs) {
      await sleep(quietMs / 2);
      continue;
    }
    const settled = server
      .clients()
      .filter((client) => client.types.length >= types)
      .filter((client) =>
        client.types.every(({ awaitingAnswer, pending }) => !awaitingAnswer && pending === 0),
      );
    if (settled.length >= streams) return monotonicAt(at);
    await sleep(100);
  }
}
