// Benchmark 6: `fairlead serve` is started, from its sources and from the bundle, and the first client has all of its
// configuration.

import { spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { BUNDLE, bundle } from "../../setup/bundle/bundle.ts";
import type { BenchContext, Benchmark, Figure } from "../benchmark.ts";
import { distributionOf } from "../distribution.ts";
import { type Fleet, startFleet } from "../fleet/index.ts";
import { type MeshFolder, writeMeshFolder } from "../mesh-folder.ts";
import { monotonicMs } from "../monotonic.ts";
import { cpuMsOf } from "../process-usage.ts";
import { nodeArguments } from "../profile.ts";
import { nodeOf, sidecar } from "../sidecars.ts";

const sources = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
const compileCache = fileURLToPath(new URL("../../node_modules/.cache/compiled", import.meta.url));
const bundled = "from the bundle";
const repeats = 3;

export const processStart: Benchmark = {
  number: 6,
  title: "process start → first client configured",
  about: "of `fairlead serve`, as a user starts it",
  run: async (context) => {
    await bundle();
    return [
      ...(await measure(bundled, `${BUNDLE}/main.js`, context)),
      ...(await measure("from sources", sources, context)),
    ];
  },
};

async function measure(how: string, main: string, context: BenchContext): Promise<readonly Figure[]> {
  const folder = await writeMeshFolder(context.size);
  try {
    const listening: number[] = [];
    const configured: number[] = [];
    const cpu: number[] = [];
    // The first start compiles modules and makes keys, as only the very first on a machine does.
    for (let attempt = 0; attempt < 1 + repeats; attempt += 1) {
      context.say(`process start ${how}, ${attempt} of ${repeats}`);
      const times = await startOnce(main, folder, context);
      if (attempt === 0) continue;
      listening.push(times.listening);
      configured.push(times.configured);
      cpu.push(times.cpu);
    }
    return [
      { name: `${how}: → xDS port open`, unit: "ms", value: distributionOf(listening) },
      {
        name: `${how}: → first client configured`,
        unit: "ms",
        value: distributionOf(configured),
        note: "compiled modules kept from an earlier start",
        ...(how === bundled && { target: "process start" }),
      },
      {
        name: `${how}: CPU until then`,
        unit: "ms",
        value: distributionOf(cpu),
        note: "of the server, all threads; says more than the clock on a busy machine",
      },
    ];
  } finally {
    await folder.remove();
  }
}

async function startOnce(main: string, folder: MeshFolder, context: BenchContext) {
  const port = await freePort();
  const fleet = startFleet(context);
  // Its process should be up before the clock starts.
  await fleet.traffic();
  const flags = ["--xds", `127.0.0.1:${port}`, "--xds-tls", "127.0.0.1:0", "--http", "off"];
  const startedAt = monotonicMs();
  const server = spawn(
    process.execPath,
    [
      ...nodeArguments(context, "serve"),
      main,
      "serve",
      folder.path,
      "--state",
      folder.state,
      "--log-level",
      "error",
      ...flags,
    ],
    {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? compileCache },
    },
  );
  try {
    const listeningAt = await untilOpen(port);
    const configuredAt = await connectFirst(fleet, port, context);
    const cpu = cpuMsOf(server.pid);
    return { listening: listeningAt - startedAt, configured: configuredAt - startedAt, cpu };
  } finally {
    await fleet.end();
    server.kill("SIGTERM");
    if (server.exitCode === null) await once(server, "exit");
  }
}

async function connectFirst(fleet: Fleet, port: number, { size, vhds }: BenchContext): Promise<number> {
  const members = [{ node: nodeOf(sidecar(0, size, false), vhds) }];
  const { times } = await fleet.connect({ port, members });
  return Math.max(...times);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

async function untilOpen(port: number): Promise<number> {
  const deadline = monotonicMs() + 60_000;
  while (monotonicMs() < deadline) {
    if (await isOpen(port)) return monotonicMs();
    await sleep(3);
  }
  throw new Error("the server did not open its port within 60 s");
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const answer = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
  });
}
