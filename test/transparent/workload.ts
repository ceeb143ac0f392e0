// One workload in its namespace: its application and, if it has one, its sidecar with traffic led to it by iptables.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { type BootstrapOptions, buildBootstrap, captureRules } from "#agent";
import type { ApplicationOptions } from "../end-to-end/application.ts";
import type { Conversation } from "../end-to-end/converse.ts";
import { type Answer, answerOf, type CallOptions } from "../end-to-end/mesh.ts";
import type { TlsRequest } from "../end-to-end/tls-client.ts";
import { envoyBinary, type Response } from "../envoy/index.ts";
import { applyRules } from "./namespaces.ts";
import type { Order, Report } from "./orders.ts";

/** The user that sidecars run as; Istio's choice. */
const proxyUid = 1337;

export class Workload {
  readonly #namespace: string;
  readonly #processes: ChildProcess[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), "fairlead-workload-"));
  readonly #waiting = new Map<number, (report: Omit<Report, "id">) => void>();
  #application: ChildProcess | undefined;
  #orders = 0;
  #output = "";

  constructor(namespace: string) {
    this.#namespace = namespace;
    chownSync(this.#folder, proxyUid, proxyUid);
    process.once("exit", this.#kill);
  }

  /** Starts the application process; it serves nothing yet. */
  start(): void {
    const script = join(import.meta.dirname, "inmate.ts");
    const child = this.#spawn([process.execPath, script], true);
    child.on("message", (report: Report) => {
      this.#waiting.get(report.id)?.(report);
      this.#waiting.delete(report.id);
    });
    child.once("exit", () => {
      for (const answer of this.#waiting.values())
        answer({ error: `the application ended:\n${this.#output}` });
    });
    this.#application = child;
  }

  /** Starts Envoy, waits until it is configured, and only then leads traffic to it. */
  async startSidecar(options: Omit<BootstrapOptions, "xds" | "admin">, xdsSocket: string): Promise<void> {
    const bootstrap = buildBootstrap({
      ...options,
      xds: { host: "127.0.0.1", port: 1 },
      admin: { host: "127.0.0.1", port: 15_000 },
    });
    // The control plane is outside the namespace; a socket file is where both can meet. The same for the admin port.
    const config = JSON.stringify(bootstrap)
      .replace(/\{"socket_address":\{"address":"127.0.0.1","port_value":1\}\}/, pipe(xdsSocket))
      .replace(/\{"socket_address":\{"address":"127.0.0.1","port_value":15000\}\}/, pipe(this.#adminSocket));
    const file = join(this.#folder, "bootstrap.json");
    writeFileSync(file, config);
    chownSync(file, proxyUid, proxyUid);
    chmodSync(file, 0o600);
    const as = ["setpriv", `--reuid=${proxyUid}`, `--regid=${proxyUid}`, "--clear-groups"];
    const args = ["--concurrency", "1", "--disable-hot-restart", "--log-level", "warning"];
    const drain = ["--drain-time-s", "1", "--drain-strategy", "immediate"];
    this.#spawn([...as, envoyBinary(), "--config-path", file, ...args, ...drain], false);
    const deadline = Date.now() + 10_000;
    while ((await this.#admin("/ready").catch(() => "")) !== "LIVE\n") {
      if (Date.now() > deadline) throw new Error(`the sidecar is not ready:\n${this.#output}`);
      await sleep(30);
    }
    applyRules(this.#namespace, captureRules({ proxyUid, outboundPort: 15_001, inboundPort: 15_006 }));
  }

  get #adminSocket(): string {
    return join(this.#folder, "admin");
  }

  async #admin(path: string): Promise<string> {
    const outgoing = httpRequest({ socketPath: this.#adminSocket, path, agent: false });
    outgoing.end();
    const [incoming] = await once(outgoing, "response");
    return text(incoming);
  }

  /** Counters and gauges of the sidecar whose name matches the regular expression. */
  async stats(filter: string): Promise<ReadonlyMap<string, number>> {
    const lines = (await this.#admin(`/stats?filter=${encodeURIComponent(filter)}`)).split("\n");
    return new Map(
      lines.flatMap((line) => {
        const at = line.lastIndexOf(": ");
        return at > 0 ? [[line.slice(0, at), Number(line.slice(at + 2))] as const] : [];
      }),
    );
  }

  #spawn(command: readonly string[], ipc: boolean): ChildProcess {
    const child = spawn("ip", ["netns", "exec", this.#namespace, ...command], {
      stdio: ["ignore", "pipe", "pipe", ...(ipc ? (["ipc"] as const) : [])],
    });
    const keep = (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-20_000);
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    this.#processes.push(child);
    return child;
  }

  async #ask(order: Order): Promise<unknown> {
    const child = this.#application;
    if (!child) throw new Error("the application has not been started");
    const id = ++this.#orders;
    const report = new Promise<Omit<Report, "id">>((resolve) => {
      this.#waiting.set(id, resolve);
    });
    child.send({ id, order });
    const { result, error } = await report;
    if (error !== undefined) throw new Error(error);
    return result;
  }

  async serve(application: Omit<ApplicationOptions, "host">): Promise<void> {
    await this.#ask({ kind: "serve", application: { ...application, host: "0.0.0.0" } });
  }

  /** A plain request, by name, as an application would make it that knows nothing of any proxy. */
  async get(url: string, options: CallOptions = {}): Promise<Answer> {
    const { hostname, port, host, pathname, search } = new URL(url);
    const headers = { host, ...options.headers };
    const request = {
      ...options,
      headers,
      host: hostname,
      port: Number(port || 80),
      path: pathname + search,
    };
    return answerOf((await this.#ask({ kind: "http", request })) as Response);
  }

  async getTls(request: TlsRequest): Promise<Answer> {
    return answerOf((await this.#ask({ kind: "tls", request })) as Response);
  }

  /** What comes back for a text sent over TCP. Rejects when the connection is cut. */
  async send(
    host: string,
    port: number,
    text: string,
    options: Pick<Conversation, "afterGreeting"> = {},
  ): Promise<string> {
    return String(await this.#ask({ kind: "tcp", conversation: { ...options, host, port, text } }));
  }

  readonly #kill = () => {
    for (const child of this.#processes) child.kill("SIGKILL");
  };

  async stop(): Promise<void> {
    const ended = this.#processes.map((child) =>
      child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined,
    );
    this.#kill();
    await Promise.all(ended);
    process.off("exit", this.#kill);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function pipe(path: string): string {
  return JSON.stringify({ pipe: { path } });
}
