// A whole mesh for tests: policy files in a folder, the control plane over TLS in this process, real Envoys with their
// own tokens, and applications behind them. Policy is edited on disk, as a user would, and is in force when `edit` resolves.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildBootstrap } from "#agent";
import { type Authority, openAuthority } from "#ca";
import { type ControlPlane, createLogger, openCertificates, startControlPlane } from "#runtime";
import {
  type RequestOptions,
  type Response,
  type RunningEnvoy,
  request,
  startEnvoy,
} from "../envoy/index.ts";
import { type Application, type Seen, startApplication } from "./application.ts";
import {
  castFile,
  type Member,
  meshConfigFile,
  namespaceOf,
  ports,
  scopeFile,
  serviceAccountOf,
} from "./cast.ts";
import { waitUntil } from "./wait-until.ts";

export interface MeshOptions {
  /** `N` of the addresses 127.0.N.*; one per test file. */
  readonly net: number;
  readonly members: readonly Member[];
  /** Appended to the mesh config. */
  readonly meshConfig?: string;
  /** Files that stay: services and the like. Their names end in `.yaml`. */
  readonly files?: Readonly<Record<string, string>>;
}

/** What came of a call. `seen` is what the server saw, when it was one of ours that answered. */
export interface Answer extends Response {
  readonly seen: Seen | undefined;
  /** The server's name; empty when a proxy answered. */
  readonly server: string;
}

export interface CallOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs?: number;
}

export interface Nack {
  readonly node: string;
  readonly message: string;
}

export interface Mesh {
  /** `127.0.N.x`. */
  address(member: string): string;
  /** Writes or (undefined) deletes files of the policy folder, and waits until every proxy does as they say. */
  edit(files: Readonly<Record<string, string | undefined>>): Promise<void>;
  /** Replaces what the last `policy` wrote. */
  policy(...documents: readonly string[]): Promise<void>;
  /** An absolute URL, through the sidecar of a member, as an application with `http_proxy` would. */
  call(from: string, url: string, options?: CallOptions): Promise<Answer>;
  /** A request to a port of a member, with any `host`. */
  knock(member: string, options: Omit<RequestOptions, "host">): Promise<Answer>;
  application(name: string): Application;
  envoy(name: string): RunningEnvoy;
  /** Refusals so far. `edit` rejects on a new one unless `tolerateNacks` is set. */
  readonly nacks: readonly Nack[];
  tolerateNacks: boolean;
  readonly plane: ControlPlane;
  readonly folder: string;
  stop(): Promise<void>;
}

export async function startMesh(options: MeshOptions): Promise<Mesh> {
  const running = new RunningMesh(options);
  try {
    await running.start();
    return running;
  } catch (error) {
    await running.stop();
    throw error;
  }
}

class RunningMesh implements Mesh {
  tolerateNacks = false;
  readonly nacks: Nack[] = [];
  folder = "";
  readonly #options: MeshOptions;
  readonly #envoys = new Map<string, RunningEnvoy>();
  readonly #applications = new Map<string, Application>();
  #plane: ControlPlane | undefined;
  /** Names of policy files whose edits the control plane has not told of yet. */
  readonly #unnoticed = new Set<string>();
  #log = "";

  constructor(options: MeshOptions) {
    this.#options = options;
  }

  get plane(): ControlPlane {
    if (!this.#plane) throw new Error("the control plane does not run");
    return this.#plane;
  }

  async start(): Promise<void> {
    const { net, members, meshConfig, files } = this.#options;
    this.folder = await mkdtemp(join(tmpdir(), "fairlead-mesh-"));
    await mkdir(join(this.folder, "policy"));
    const namespaces = [...new Set(members.filter(({ envoy }) => envoy === "sidecar").map(namespaceOf))];
    await this.#write({
      "cast.yaml": castFile(net, members),
      ...Object.fromEntries(namespaces.map((each) => [`scope-${each}.yaml`, scopeFile(each)])),
      ...files,
    });
    await writeFile(join(this.folder, "mesh-config.yaml"), meshConfigFile(meshConfig));
    const state = join(this.folder, "state");
    const log = createLogger("text", "warn", (line) => {
      this.#log += line;
    });
    this.#plane = await startControlPlane({
      folders: [join(this.folder, "policy")],
      meshConfigFile: join(this.folder, "mesh-config.yaml"),
      xdsTls: { host: `127.0.${net}.254`, port: 21012 },
      http: { host: `127.0.${net}.254`, port: 21014 },
      version: "test",
      log,
      openAuthority: (config) => openCertificates({ stateDir: state, config, servingNames: [], log }),
      onStatus: (event) => {
        if (event.kind !== "nacked") return;
        const { client, message, resources } = event;
        this.nacks.push({
          node: client.nodeId,
          message: `${resources.map(({ name }) => name).join()}: ${message}`,
        });
      },
      onChange: ({ files }) => {
        for (const file of files) this.#unnoticed.delete(basename(file));
      },
    });
    const opened = await openAuthority({ stateDir: state, trustDomain: "cluster.local" });
    if (!opened.ok) throw new Error("no authority");
    await Promise.all([
      ...members.flatMap((member) => this.#startApplications(member)),
      ...members.map((member) => this.#startEnvoy(member, opened.value)),
    ]);
    opened.value.close();
    await this.#settled();
  }

  #startApplications(member: Member): Promise<void>[] {
    const serves = member.serves ?? (member.envoy === "gateway" ? [] : ["http"]);
    const direct = member.envoy === undefined;
    return serves.map(async (protocol) => {
      const port =
        protocol === "http"
          ? direct
            ? ports.service
            : ports.application
          : direct
            ? ports.tcp
            : ports.tcpApplication;
      const { name } = member;
      const application = await startApplication({ name, host: this.address(name), port, protocol });
      this.#applications.set(protocol === "http" ? name : `${name}:tcp`, application);
    });
  }

  async #startEnvoy(member: Member, authority: Authority): Promise<void> {
    if (!member.envoy) return;
    const namespace = namespaceOf(member);
    const serviceAccount = serviceAccountOf(member);
    const minted = await authority.mintToken({ trustDomain: "cluster.local", namespace, serviceAccount });
    if (!minted.ok) throw new Error(minted.problem.detail);
    const xds = this.plane.xdsTls;
    if (!xds) throw new Error("no TLS port");
    const bootstrap = buildBootstrap({
      type: member.envoy === "gateway" ? "router" : "sidecar",
      name: member.name,
      namespace,
      ip: this.address(member.name),
      serviceAccount,
      labels: {},
      interceptionMode: "NONE",
      domainSuffix: "cluster.local",
      xds,
      security: {
        roots: authority.trustBundlePem,
        token: minted.value.token.reveal(),
        serverName: "fairlead",
      },
      admin: { host: "127.0.0.1", port: 0 },
    });
    const args = ["--drain-time-s", "1", "--drain-strategy", "immediate"];
    const envoy = await startEnvoy({ bootstrap: JSON.stringify(bootstrap), args });
    this.#envoys.set(member.name, envoy);
    await envoy.ready();
  }

  address(name: string): string {
    const member = this.#options.members.find((each) => each.name === name);
    if (!member) throw new Error(`there is no ${name}`);
    return `127.0.${this.#options.net}.${member.at}`;
  }

  async #write(files: Readonly<Record<string, string | undefined>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.folder, "policy", name);
      if (this.#texts.get(name) === text) continue;
      if (this.#plane) this.#unnoticed.add(name);
      if (text === undefined) await rm(path, { force: true });
      else await writeFile(path, text);
      if (text === undefined) this.#texts.delete(name);
      else this.#texts.set(name, text);
    }
  }

  readonly #texts = new Map<string, string>();

  async edit(files: Readonly<Record<string, string | undefined>>): Promise<void> {
    const nacks = this.nacks.length;
    await this.#write(files);
    await waitUntil("the change to be noticed", () => this.#unnoticed.size === 0);
    await this.#settled();
    if (!this.tolerateNacks && this.nacks.length > nacks) {
      throw new Error(`refused: ${JSON.stringify(this.nacks.slice(nacks), null, 2)}`);
    }
  }

  async policy(...documents: readonly string[]): Promise<void> {
    await this.edit({ "policy.yaml": `${documents.map((text) => text.trim()).join("\n---\n")}\n` });
    const errors = this.plane
      .world()
      .diagnostics.filter(
        ({ severity, position }) => severity === "error" && position.file.includes("policy.yaml"),
      );
    if (errors.length > 0) {
      throw new Error(errors.map(({ position, message }) => `${position.line}: ${message}`).join("\n"));
    }
  }

  /** Everything is sent and answered, and no Envoy waits for anything. Removals may be left: they come a second later. */
  async #settled(): Promise<void> {
    let quiet = 0;
    const wanted = this.#envoys.size;
    await waitUntil(
      "all proxies to be in sync",
      async () => {
        const clients = this.plane.server.clients();
        const busy = clients.some(({ types }) =>
          types.some(
            ({ awaitingAnswer, pending, shortName }) =>
              awaitingAnswer || (pending > 0 && (shortName === "LDS" || shortName === "RDS")),
          ),
        );
        quiet = !busy && clients.length >= wanted ? quiet + 1 : 0;
        return quiet >= 2 && (await this.#noneWarming());
      },
      () =>
        `${JSON.stringify(this.plane.server.clients(), null, 1).slice(0, 4000)}\n${this.#log.slice(-2000)}`,
    );
    // Workers take over what the main thread has decided.
    await sleep(10);
  }

  async #noneWarming(): Promise<boolean> {
    const waiting = await Promise.all(
      [...this.#envoys.values()].map(async (envoy) => {
        const stats = await envoy.stats("(total_listeners_warming|warming_clusters)$");
        return [...stats.values()].some((value) => value > 0);
      }),
    );
    return !waiting.includes(true);
  }

  async call(from: string, url: string, options: CallOptions = {}): Promise<Answer> {
    const { host } = new URL(url);
    const headers = { host, ...options.headers };
    return answerOf(
      await request({ ...options, headers, host: this.address(from), port: ports.proxy, path: url }),
    );
  }

  async knock(member: string, options: Omit<RequestOptions, "host">): Promise<Answer> {
    return answerOf(await request({ ...options, host: this.address(member) }));
  }

  application(name: string): Application {
    const found = this.#applications.get(name);
    if (!found) throw new Error(`${name} serves nothing`);
    return found;
  }

  envoy(name: string): RunningEnvoy {
    const found = this.#envoys.get(name);
    if (!found) throw new Error(`${name} has no Envoy`);
    return found;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#envoys.values()].map((envoy) => envoy.stop()));
    await this.#plane?.close();
    await Promise.all([...this.#applications.values()].map((application) => application.stop()));
    if (this.folder !== "") await rm(this.folder, { recursive: true, force: true });
  }
}

export function answerOf(response: Response): Answer {
  const server = String(response.headers["x-server"] ?? "");
  const seen = server === "" ? undefined : (JSON.parse(response.body) as Seen);
  return { ...response, seen, server };
}
