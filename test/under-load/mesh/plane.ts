// The control plane of the mesh under load: in this process, where certificates can be renewed at will, or `fairlead serve`
// as a process of its own, which can be killed.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLogger, openCertificates, startControlPlane } from "#runtime";
import { request } from "../../envoy/index.ts";
import { addressOf, at, ports } from "./addresses.ts";
import { createRotatingAuthority } from "./rotating-authority.ts";

export interface PlaneOptions {
  readonly net: number;
  /** Holds `policy/`, `state/` and `mesh-config.yaml`. */
  readonly folder: string;
  /** Added to all its ports, for a second one on the same files. */
  readonly replica?: number;
  /** HTTP/2 pings every so many milliseconds, and as long to answer one. */
  readonly keepaliveMs?: number;
  /** Only for a process: it runs elsewhere. */
  readonly place?: PlanePlace;
}

/** A network namespace, and the address there that the control plane listens on. */
export interface PlanePlace {
  readonly namespace: string;
  readonly host: string;
}

/** The plaintext port, on 127.0.0.1, of a control plane that is a process. */
export function plaintextPort({ net, replica = 0 }: Pick<PlaneOptions, "net" | "replica">): number {
  return ports.plaintext + 10 * replica + net;
}

export interface Plane {
  /** What it has logged, warnings and errors only where it runs in this process. */
  log(): string;
  /** Refusals by proxies, told with the resources and Envoy's message. */
  nacks(): readonly string[];
  /** Renews the certificates of all proxies; only in this process. */
  rotate?(): Promise<void>;
  /** Resolves when it has ended, with the exit code of a process that was not killed. Default SIGTERM. */
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<number | undefined>;
  /** Of the process, where it is one. */
  readonly pid?: number;
}

export async function startPlaneHere({ net, folder, keepaliveMs }: PlaneOptions): Promise<Plane> {
  let text = "";
  const nacks: string[] = [];
  const log = createLogger("text", "warn", (line) => {
    text = (text + line).slice(-50_000);
  });
  const host = addressOf(net, at.plane);
  let rotate = () => Promise.resolve();
  const plane = await startControlPlane({
    folders: [join(folder, "policy")],
    meshConfigFile: join(folder, "mesh-config.yaml"),
    xdsTls: { host, port: ports.xds },
    http: { host, port: ports.http14 },
    version: "test",
    ...(keepaliveMs === undefined ? {} : { xdsServer: { keepaliveMs, keepaliveTimeoutMs: keepaliveMs } }),
    log,
    openAuthority: async (config) => {
      const stateDir = join(folder, "state");
      const authority = await createRotatingAuthority(() =>
        openCertificates({ stateDir, config, servingNames: [], log }),
      );
      rotate = authority.rotate;
      return authority;
    },
    onStatus: (event) => {
      if (event.kind !== "nacked") return;
      const names = event.resources.map(({ name }) => name).join();
      nacks.push(`${event.client.nodeId}: ${names}: ${event.message}`);
    },
  });
  return {
    log: () => text,
    nacks: () => nacks,
    rotate: () => rotate(),
    stop: async () => {
      await plane.close();
      return undefined;
    },
  };
}

const main = fileURLToPath(new URL("../../../cli/main.ts", import.meta.url));

/** Resolves once it says that it is ready. */
export async function startServedPlane(options: PlaneOptions): Promise<Plane> {
  const { net, folder, replica = 0, keepaliveMs, place } = options;
  const host = place?.host ?? addressOf(net, at.plane);
  const port = (first: number) => `${host}:${first + 10 * replica}`;
  const flags = [
    ...["--mesh-config", join(folder, "mesh-config.yaml")],
    ...["--state", join(folder, "state")],
    ...["--xds", `127.0.0.1:${plaintextPort(options)}`],
    ...["--xds-tls", port(ports.xds), "--http", port(ports.http14)],
    ...["--log-format", "json"],
    ...(keepaliveMs === undefined ? [] : ["--keepalive", `${keepaliveMs}ms`]),
  ];
  const command = [process.execPath, main, "serve", join(folder, "policy"), ...flags];
  const [program = "", ...args] = place ? ["ip", "netns", "exec", place.namespace, ...command] : command;
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  const killWithUs = () => child.kill("SIGKILL");
  process.once("exit", killWithUs);
  const ended = once(child, "close");
  const text = collect(child);
  await ready(child, text);
  return {
    ...(child.pid === undefined ? {} : { pid: child.pid }),
    log: text,
    nacks: () =>
      text()
        .split("\n")
        .filter((line) => line.includes("proxy refused what it was sent")),
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      await ended;
      process.off("exit", killWithUs);
      return child.exitCode ?? undefined;
    },
  };
}

function collect(child: ChildProcess): () => string {
  let text = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-500_000);
  });
  return () => text;
}

async function ready(child: ChildProcess, text: () => string): Promise<void> {
  const deadline = Date.now() + 45_000;
  while (!text().includes("ready; ")) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`fairlead serve did not become ready:\n${text()}`);
    }
    await new Promise((done) => setTimeout(done, 20));
  }
}

export interface ProxyStatus {
  readonly proxy: string;
  readonly version?: string;
  readonly types: readonly { readonly type: string; readonly status: string }[];
}

/** `/debug/syncz` of the control plane. */
export async function readSyncStatus(
  net: number,
  replica = 0,
  host = addressOf(net, at.plane),
): Promise<readonly ProxyStatus[]> {
  const port = ports.http14 + 10 * replica;
  const { body } = await request({ host, port, path: "/debug/syncz" });
  return JSON.parse(body);
}
