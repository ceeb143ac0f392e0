// A whole mesh for tests, on loopback and without root: a control plane, real Envoys with their own tokens as explicit
// proxies, and applications behind them.

import { buildBootstrap } from "#agent";
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
import { Control } from "./control.ts";

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

export interface Mesh extends Pick<Control, "edit" | "policy"> {
  readonly control: Control;
  /** `127.0.N.x`. */
  address(member: string): string;
  /** Replaces what was appended to the mesh config. */
  configure(meshConfig: string): Promise<void>;
  /** An absolute URL, through the sidecar of a member, as an application with `http_proxy` would. */
  call(from: string, url: string, options?: CallOptions): Promise<Answer>;
  /** A request to a port of a member, with any `host`. */
  knock(member: string, options: Omit<RequestOptions, "host">): Promise<Answer>;
  /** By member; what serves TCP is called `name:tcp`. */
  application(name: string): Application;
  envoy(name: string): RunningEnvoy;
  stop(): Promise<void>;
}

export async function startMesh(options: MeshOptions): Promise<Mesh> {
  const { net, members, meshConfig, files } = options;
  const namespaces = new Set(members.filter(({ envoy }) => envoy === "sidecar").map(namespaceOf));
  const control = await Control.start({
    xds: { host: `127.0.${net}.254`, port: 21012 },
    http: { host: `127.0.${net}.254`, port: 21014 },
    meshConfig: meshConfigFile(meshConfig),
    files: {
      "cast.yaml": castFile(net, members),
      ...Object.fromEntries([...namespaces].map((each) => [`scope-${each}.yaml`, scopeFile(each)])),
      ...files,
    },
  });
  const mesh = new LoopbackMesh(options, control);
  try {
    await mesh.start();
    return mesh;
  } catch (error) {
    await mesh.stop();
    throw error;
  }
}

class LoopbackMesh implements Mesh {
  readonly control: Control;
  readonly #options: MeshOptions;
  readonly #envoys = new Map<string, RunningEnvoy>();
  readonly #applications = new Map<string, Application>();

  constructor(options: MeshOptions, control: Control) {
    this.#options = options;
    this.control = control;
  }

  async start(): Promise<void> {
    const { members } = this.#options;
    await Promise.all([
      ...members.flatMap((member) => this.#startApplications(member)),
      ...members.map((member) => this.#startEnvoy(member)),
    ]);
    await this.control.settled();
  }

  #startApplications(member: Member): Promise<void>[] {
    const { name, envoy } = member;
    const own = { http: ports.service, tcp: ports.tcp };
    const behind = { http: ports.application, tcp: ports.tcpApplication };
    const serves = member.serves ?? (envoy === "gateway" ? [] : ["http"]);
    return serves.map(async (protocol) => {
      const port = (envoy === undefined ? own : behind)[protocol];
      const application = await startApplication({ name, host: this.address(name), port, protocol });
      this.#applications.set(protocol === "http" ? name : `${name}:tcp`, application);
    });
  }

  async #startEnvoy(member: Member): Promise<void> {
    if (!member.envoy) return;
    const { name } = member;
    const namespace = namespaceOf(member);
    const serviceAccount = serviceAccountOf(member);
    const xds = this.control.plane.xdsTls;
    if (!xds) throw new Error("the control plane has no TLS port");
    const bootstrap = buildBootstrap({
      type: member.envoy === "gateway" ? "router" : "sidecar",
      name,
      namespace,
      ip: this.address(name),
      serviceAccount,
      labels: {},
      interceptionMode: "NONE",
      domainSuffix: "cluster.local",
      xds,
      security: await this.control.credentials({ namespace, serviceAccount }),
      admin: { host: "127.0.0.1", port: 0 },
    });
    // So that what changes a listener is soon true of open connections as well, and access logs can be read.
    const args = ["--drain-time-s", "1", "--drain-strategy", "immediate", "--file-flush-interval-msec", "50"];
    const envoy = await startEnvoy({ bootstrap: JSON.stringify(bootstrap), args });
    this.#envoys.set(name, envoy);
    this.control.watch(envoy);
    await envoy.ready();
  }

  address(name: string): string {
    const member = this.#options.members.find((each) => each.name === name);
    if (!member) throw new Error(`there is no ${name}`);
    return `127.0.${this.#options.net}.${member.at}`;
  }

  edit(files: Readonly<Record<string, string | undefined>>): Promise<void> {
    return this.control.edit(files);
  }

  policy(...documents: readonly string[]): Promise<void> {
    return this.control.policy(...documents);
  }

  configure(meshConfig: string): Promise<void> {
    return this.control.configure(meshConfigFile(meshConfig));
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
    await this.control.stop();
    await Promise.all([...this.#applications.values()].map((application) => application.stop()));
  }
}

/** Reads what one of our applications answered. */
export function answerOf(response: Response): Answer {
  const server = String(response.headers["x-server"] ?? "");
  const seen = server === "" ? undefined : (JSON.parse(response.body) as Seen);
  return { ...response, seen, server };
}
