// A whole mesh on loopback: control plane, gateway, sidecars, applications. In: files and a folder for keys and logs. Out: the
// running mesh, or why there is none. It leaves nothing running behind.

import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ControlPlane, type ControlPlaneOptions, createLogger } from "#runtime";
import { type Env, locateEnvoy } from "#setup";
import { call } from "../app/index.ts";
import { endLeftovers, giveUpOwnership, ProcessGroup, takeOwnership } from "../processes/index.ts";
import { startApplication } from "./application.ts";
import { startDemoPlane } from "./control-plane.ts";
import { openCredentials } from "./credentials.ts";
import { DemoFailed } from "./demo-failure.ts";
import { type EnvoySurroundings, envoyReady, startEnvoy } from "./envoy.ts";
import type { Example } from "./example.ts";
import { whyTaken } from "./free-port.ts";
import { type DemoWorkload, demoWorkloads } from "./workloads.ts";

export interface DemoMeshOptions extends Pick<ControlPlaneOptions, "onStatus" | "onChange"> {
  readonly example: Example;
  /** Absolute; keys in it are kept for the next time. */
  readonly stateDir: string;
  readonly version: string;
  readonly env: Env;
  /** Ports of the control plane: any that are free, instead of the usual ones. */
  readonly anyPorts?: boolean;
  /** One line of progress, or of trouble later on. */
  say(line: string): void;
}

export interface DemoMesh {
  readonly plane: ControlPlane;
  readonly workloads: readonly DemoWorkload[];
  /** Where a browser would go. */
  readonly pageUrl: string;
  /** Throws when there is no such workload. */
  workload(name: string): DemoWorkload;
  stop(): Promise<void>;
}

/** Resolves when a request through the gateway is answered. Throws a `DemoFailed`, with nothing left running. */
export async function startDemoMesh(options: DemoMeshOptions): Promise<DemoMesh> {
  const { stateDir, say } = options;
  const envoy = locateEnvoy(options.env);
  if ("problem" in envoy) throw new DemoFailed(envoy.problem);
  const folder = join(stateDir, "run");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { takenBy } = await takeOwnership(folder);
  if (takenBy !== undefined) {
    throw new DemoFailed(
      `a demo is already running (process ${takenBy}); end it first, or use another --state`,
    );
  }
  const ended = await endLeftovers(folder);
  if (ended.length > 0) say(`ended what an earlier run had left: ${ended.join(", ")}`);

  const log = createWriteStream(join(folder, "control-plane.log"));
  const logger = createLogger("text", "info", (line) => log.write(line));
  const processes = new ProcessGroup(folder, ({ name, how, logFile }) =>
    say(`${name} has ended unexpectedly (${how}); its log is ${logFile}`),
  );
  let plane: ControlPlane | undefined;
  const stop = async () => {
    await processes.stop();
    await plane?.close();
    await giveUpOwnership(folder);
    log.end();
  };
  try {
    plane = await startDemoPlane({ anyPorts: false, ...options, log: logger });
    say(
      `control plane: xDS over TLS on 127.0.0.1:${plane.xdsTls?.port}, pages on http://127.0.0.1:${plane.http?.port}/`,
    );
    const mesh = plane.world().compiled.mesh;
    const workloads = demoWorkloads(mesh);
    const gateway = workloads.find(({ application }) => application === undefined);
    if (!gateway) throw new DemoFailed("the files have no workload with the label istio: ingressgateway");
    await mustBeFree(workloads);
    const xds = plane.xdsTls ?? { host: "127.0.0.1", port: 0 };
    const credentials = await openCredentials(stateDir, mesh.config.trustDomain);
    await startAll(workloads, {
      binary: envoy.path,
      folder,
      config: mesh.config,
      xds,
      credentials,
      processes,
    });
    say(`${workloads.length} Envoys (${envoy.version}) and ${workloads.length - 1} applications are up`);
    const pageUrl = `http://${gateway.proxy.ip}:8080/productpage`;
    await firstAnswer(pageUrl);
    return {
      plane,
      workloads,
      pageUrl,
      workload: (name) => {
        const found = workloads.find(({ proxy }) => proxy.name === name);
        if (!found) throw new DemoFailed(`the files have no workload ${name}`);
        return found;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startAll(workloads: readonly DemoWorkload[], around: EnvoySurroundings): Promise<void> {
  await Promise.all(
    workloads.map(async (workload) => {
      const { application, proxy } = workload;
      if (application) await startApplication(proxy.name, application, around.folder, around.processes);
      await envoyReady(workload, await startEnvoy(workload, around));
    }),
  );
}

async function mustBeFree(workloads: readonly DemoWorkload[]): Promise<void> {
  for (const { admin } of workloads) {
    const why = await whyTaken(admin);
    if (why === undefined) continue;
    const address = `${admin.host}:${admin.port}`;
    throw new DemoFailed(
      why === "EADDRINUSE"
        ? `${address} is taken: does another demo run, with another --state?`
        : `${address} cannot be listened on (${why}): the demo needs the loopback addresses 127.0.1.x, as Linux has them`,
    );
  }
}

/** All proxies say that they are ready; whether the mesh works is another question. */
async function firstAnswer(url: string): Promise<void> {
  const deadline = performance.now() + 5000;
  while (performance.now() < deadline) {
    const { status } = await call({ url, timeoutMs: 2000 });
    // Routes that the user has changed may well refuse this page: any answer of the gateway shows that it works.
    if (status !== 0 && status !== 503) return;
    await sleep(50);
  }
}
