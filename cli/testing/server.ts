// A server as a process of its own on real ports, and real Envoys started from what `fairlead bootstrap` prints.

import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { type RunningEnvoy, startEnvoy } from "../../test/envoy/index.ts";
import { type Child, startFairlead } from "./process.ts";
import { folderWith, reviews, runInProcess } from "./terminal.ts";

export interface Server {
  readonly child: Child;
  readonly folder: string;
  readonly state: string;
  readonly xds: string;
  readonly xdsTls: string;
  readonly http: string;
}

/** Serves these files from a folder of their own; ports are free ones. */
export async function serve(
  t: ExecutionContext,
  files = reviews,
  more: readonly string[] = [],
): Promise<Server> {
  const folder = folderWith(t, files);
  const state = join(folderWith(t, {}), "state");
  const ports = ["--xds", "--xds-tls", "--http"].flatMap((flag) => [flag, "127.0.0.1:0"]);
  const child = startFairlead(t, ["serve", folder, "--state", state, ...ports, ...more]);
  await child.says(/"msg":"ready;/);
  const address = (name: string) =>
    new RegExp(`"address":"([^"]+)","msg":"listening: ${name}"`).exec(child.err())?.[1] ?? "";
  return { child, folder, state, xds: address("xds"), xdsTls: address("xdsTls"), http: address("http") };
}

/** Starts a real Envoy from what `fairlead bootstrap` prints. */
export async function envoyFrom(t: ExecutionContext, flags: readonly string[]): Promise<RunningEnvoy> {
  const named = ["--type", "sidecar", "--name", "reviews-v1", "--namespace", "default", "--ip", "127.0.60.1"];
  const { code, out, err } = await runInProcess(["bootstrap", ...named, "--admin", "127.0.0.1:0", ...flags]);
  t.is(code, 0, err);
  const envoy = await startEnvoy({ bootstrap: out });
  t.teardown(() => envoy.stop());
  return envoy;
}

/** Looks for ten seconds. */
export async function eventually(
  t: ExecutionContext,
  what: string,
  holds: () => Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    if (await holds()) {
      t.pass();
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  t.fail(`not within 10 s: ${what}`);
}
