// One Envoy of the demo: its bootstrap, made as `fairlead bootstrap` makes it, its process, and whether it is ready.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildBootstrap } from "#agent";
import type { MeshConfig } from "#compiler";
import { call, type Endpoint } from "../app/index.ts";
import type { ProcessGroup, Started } from "../processes/index.ts";
import type { Credentials } from "./credentials.ts";
import { DemoFailed, endOfLog } from "./demo-failure.ts";
import type { DemoWorkload } from "./workloads.ts";

export interface EnvoySurroundings {
  /** The Envoy binary. */
  readonly binary: string;
  readonly folder: string;
  readonly config: MeshConfig;
  /** Where the control plane serves xDS over TLS. */
  readonly xds: Endpoint;
  readonly credentials: Credentials;
  readonly processes: ProcessGroup;
}

export async function startEnvoy(workload: DemoWorkload, around: EnvoySurroundings): Promise<Started> {
  const { proxy, admin } = workload;
  const { name, namespace, ip, serviceAccount, labels, interceptionMode } = proxy;
  const { binary, folder, config, xds, credentials, processes } = around;
  const bootstrap = buildBootstrap({
    type: proxy.type === "router" ? "router" : "sidecar",
    name,
    namespace,
    ip,
    serviceAccount,
    labels,
    interceptionMode,
    domainSuffix: config.domainSuffix,
    xds,
    security: await credentials.securityFor({ trustDomain: config.trustDomain, namespace, serviceAccount }),
    admin,
  });
  const file = join(folder, `${name}.bootstrap.json`);
  // It holds a token.
  await writeFile(file, JSON.stringify(bootstrap, null, 2), { mode: 0o600 });
  return processes.start(`${name}.envoy`, binary, [
    "--config-path",
    file,
    "--concurrency",
    "1",
    "--log-level",
    "warning",
    // Only one Envoy on a machine can have the shared memory of a hot restart.
    "--disable-hot-restart",
    // A listener that changes keeps its old connections, and their old rules, until they end: ask for their end at once
    // (Istio does, too), and leave requests under way the time to finish.
    "--drain-strategy",
    "immediate",
    "--drain-time-s",
    "10",
  ]);
}

/** Resolves once all clusters and listeners are initialized. Throws a `DemoFailed` when that does not come about. */
export async function envoyReady(workload: DemoWorkload, { child, logFile }: Started): Promise<void> {
  const { host, port } = workload.admin;
  const deadline = performance.now() + 20_000;
  while (performance.now() < deadline && child.exitCode === null && child.signalCode === null) {
    const { status } = await call({ url: `http://${host}:${port}/ready`, timeoutMs: 1000 });
    if (status === 200) return;
    await sleep(25);
  }
  const what = child.exitCode === null && child.signalCode === null ? "is not ready after 20 s" : "has ended";
  throw new DemoFailed(`the Envoy of ${workload.proxy.name} ${what}\n${await endOfLog(logFile)}`);
}
