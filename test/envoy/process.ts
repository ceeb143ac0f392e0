// Runs real Envoys for tests: checks a bootstrap, or starts one and asks its admin port.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { envoyBinary } from "./binary.ts";
import { request } from "./client.ts";

export interface Validation {
  readonly accepted: boolean;
  /** What Envoy printed, warnings and up, without the copy of the configuration that its errors come with. */
  readonly output: string;
}

/** Whether Envoy would start with this bootstrap (JSON or YAML text). Takes about 50 ms and opens no port. */
export async function validateInEnvoy(bootstrap: string): Promise<Validation> {
  const folder = newFolder(bootstrap);
  const child = spawnEnvoy(folder, ["--mode", "validate"]);
  const output = collect(child);
  const code = await exitCode(child);
  rmSync(folder, { recursive: true });
  return { accepted: code === 0, output: withoutDump(output()) };
}

export interface EnvoyOptions {
  /** JSON or YAML text; its admin port may be 0. */
  readonly bootstrap: string;
  /** Further arguments, such as `--service-node`. */
  readonly args?: readonly string[];
  /** How long to wait for the admin port, and by default for readiness. 10 s. */
  readonly timeoutMs?: number;
}

export interface RunningEnvoy {
  readonly pid: number;
  readonly adminPort: number;
  /** Resolves once Envoy says that it is live: all clusters and listeners are initialized. Rejects after the timeout. */
  ready(timeoutMs?: number): Promise<void>;
  /** `/config_dump?include_eds`, parsed. */
  configDump(): Promise<unknown>;
  /** Counters and gauges whose name matches the regular expression. */
  stats(filter?: string): Promise<ReadonlyMap<string, number>>;
  /** The port that a listener got, for those configured with port 0. */
  listenerPort(name: string): Promise<number>;
  /** GET on the admin port; the body. */
  admin(path: string): Promise<string>;
  /** What it has printed so far, warnings and up. */
  output(): string;
  /** Ends it, by force after two seconds. Safe to call twice. */
  stop(): Promise<void>;
}

/** Starts Envoy with one worker and waits for its admin port. Stop it in a teardown: it outlives a failed test otherwise. */
export async function startEnvoy(options: EnvoyOptions): Promise<RunningEnvoy> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const folder = newFolder(options.bootstrap);
  const child = spawnEnvoy(folder, ["--concurrency", "1", ...(options.args ?? [])]);
  const output = collect(child);
  const exited = exitCode(child);
  const killWithUs = () => child.kill("SIGKILL");
  process.once("exit", killWithUs);
  const stop = async () => {
    child.kill("SIGTERM");
    const force = setTimeout(() => child.kill("SIGKILL"), 2000);
    await exited;
    clearTimeout(force);
    process.off("exit", killWithUs);
    rmSync(folder, { recursive: true, force: true });
  };
  const until = async <T>(what: string, limitMs: number, attempt: () => Promise<T | undefined>) => {
    const deadline = Date.now() + limitMs;
    while (Date.now() < deadline) {
      const result = await attempt().catch(() => undefined);
      if (result !== undefined) return result;
      if (child.exitCode !== null || child.signalCode !== null) break;
      await sleep(20);
    }
    throw new Error(`Envoy had no ${what} within ${limitMs} ms:\n${output()}`);
  };
  let adminPort: number;
  try {
    adminPort = await until("admin port", timeoutMs, async () => {
      const [, port] = /:(\d+)$/.exec(readFileSync(join(folder, "admin"), "utf8")) ?? [];
      return port === undefined ? undefined : Number(port);
    });
  } catch (error) {
    await stop();
    throw error;
  }
  const admin = async (path: string) => (await request({ port: adminPort, path })).body;
  return {
    pid: child.pid ?? 0,
    adminPort,
    admin,
    async ready(limitMs = timeoutMs) {
      await until("readiness", limitMs, async () => {
        const { status } = await request({ port: adminPort, path: "/ready" });
        return status === 200 ? true : undefined;
      });
    },
    async configDump() {
      return JSON.parse(await admin("/config_dump?include_eds"));
    },
    async stats(filter = "") {
      return parseStats(await admin(`/stats?filter=${encodeURIComponent(filter)}`));
    },
    async listenerPort(name) {
      return until(`listener ${name}`, timeoutMs, async () =>
        portOfListener(await admin("/listeners?format=json"), name),
      );
    },
    output,
    stop,
  };
}

function newFolder(bootstrap: string): string {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-envoy-"));
  writeFileSync(join(folder, "bootstrap.yaml"), bootstrap);
  return folder;
}

function spawnEnvoy(folder: string, args: readonly string[]): ChildProcess {
  const common = [
    "--config-path",
    join(folder, "bootstrap.yaml"),
    "--admin-address-path",
    join(folder, "admin"),
    "--disable-hot-restart",
    "--log-level",
    "warning",
  ];
  return spawn(envoyBinary(), [...common, ...args], { stdio: ["ignore", "pipe", "pipe"] });
}

function collect(child: ChildProcess): () => string {
  let text = "";
  const append = (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-100_000);
  };
  child.stdout?.on("data", append);
  child.stderr?.on("data", append);
  return () => text;
}

/** Envoy prints the message it refuses, indented, before the reason, which follows on a line that begins with `:`. */
function withoutDump(output: string): string {
  return output
    .split("\n")
    .filter((line) => /^\S|^\s*: /.test(line))
    .join("\n");
}

function exitCode(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("close", resolve);
    child.once("error", reject);
  });
}

function parseStats(text: string): ReadonlyMap<string, number> {
  const stats = new Map<string, number>();
  for (const line of text.split("\n")) {
    const at = line.lastIndexOf(": ");
    const value = Number(line.slice(at + 2));
    if (at > 0 && Number.isFinite(value)) stats.set(line.slice(0, at), value);
  }
  return stats;
}

interface ListenersAnswer {
  readonly listener_statuses?: readonly {
    readonly name: string;
    readonly local_address: { readonly socket_address?: { readonly port_value: number } };
  }[];
}

function portOfListener(json: string, name: string): number | undefined {
  const answer: ListenersAnswer = JSON.parse(json);
  const found = answer.listener_statuses?.find((listener) => listener.name === name);
  return found?.local_address.socket_address?.port_value;
}
