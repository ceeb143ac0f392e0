// The mesh under load: a gateway, a client and two servers with real Envoys, workloads without, and the control plane that
// reads their policy from a folder.

import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { JsonObject } from "@bufbuild/protobuf";
import { buildBootstrap } from "#agent";
import { type Authority, openAuthority } from "#ca";
import { castFile, type Member, namespaceOf, serviceAccountOf } from "../../end-to-end/cast.ts";
import { issueTestCertificate, type RunningEnvoy, startEnvoy } from "../../envoy/index.ts";
import { type Files, filesOf, frontHosts } from "../policy/objects.ts";
import { type Policy, startPolicy } from "../policy/state.ts";
import { startWriter, type Writer } from "../policy/write.ts";
import { addressOf, at, ports, ratings } from "./addresses.ts";
import { type Backend, startGrpcBackend, startHttpBackend, startTcpBackend } from "./backends.ts";
import { type Plane, type PlanePlace, readSyncStatus, startPlaneHere, startServedPlane } from "./plane.ts";
import { meshConfig, scopes } from "./settings.ts";

export interface LoadMeshOptions {
  /** `N` of the addresses 127.0.N.*. */
  readonly net: number;
  readonly plane: "here" | "process";
  /** How long Envoy lets connections of a changed listener live. Default 2 s; Envoy's own default is 600. */
  readonly drainSeconds?: number;
  /** Called with the empty folder of the mesh before anything is put there; the result is called in the end. */
  readonly prepare?: (folder: string) => () => void;
  /** HTTP/2 pings between Envoys and the control plane, both ways; default as shipped: 30 s. */
  readonly keepaliveMs?: number;
  /** Proxies also know the address of a second control plane (`PlaneOptions.replica` 1), which may not run. */
  readonly twoReplicas?: boolean;
  /** Where the process of the control plane runs; default beside the proxies. */
  readonly planePlace?: PlanePlace;
}

export interface LoadMesh {
  readonly net: number;
  readonly folder: string;
  readonly policyFolder: string;
  plane: Plane;
  readonly writer: Writer;
  /** What the policy files that change say. */
  policy: Policy;
  /** By what files that was written. */
  files: Files;
  filesFor(policy: Policy): Files;
  /** All files of the folder with these as the changing ones, as the compiler takes them. */
  allFiles(changing: Files): readonly { readonly name: string; readonly text: string }[];
  readonly meshConfig: { readonly name: string; readonly text: string };
  readonly envoys: ReadonlyMap<string, RunningEnvoy>;
  restartEnvoy(name: string): Promise<void>;
  /** A workload of `ratings`, by number. */
  startRating(index: number): Promise<void>;
  stopRating(index: number): Promise<void>;
  /** Starts the control plane again, after it was stopped. */
  startPlane(): Promise<void>;
  /** All proxies are connected (to the second control plane, where its number is given) and have answered for all they were sent. */
  settled(replica?: number): Promise<void>;
  /** Requests that proxies answered with a response flag, one line each. */
  flaggedRequests(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** For what takes a moment on a machine that has nothing else to do. */
const patienceMs = 45_000;

const members: readonly Member[] = [
  { name: "ingress", at: at.ingress, envoy: "gateway" },
  { name: "client", at: at.client, envoy: "sidecar", serves: [] },
  { name: "reviews-v1", at: at["reviews-v1"], envoy: "sidecar" },
  { name: "reviews-v2", at: at["reviews-v2"], envoy: "sidecar" },
];

export async function startLoadMesh(options: LoadMeshOptions): Promise<LoadMesh> {
  const folder = await mkdtemp(join(tmpdir(), "flk-"));
  const mesh = new RunningLoadMesh(options, folder, {
    net: options.net,
    certificates: [await frontCertificate(), await frontCertificate()],
  });
  try {
    await mesh.start();
    return mesh;
  } catch (error) {
    await mesh.stop();
    throw error;
  }
}

/** The bootstrap's text, with a second address for the control plane. */
function withReplica(bootstrap: string, wanted: boolean | undefined): string {
  if (!wanted) return bootstrap;
  const first = new RegExp(`{"endpoint":{"address":{"socket_address":{[^}]*"port_value":${ports.xds}}}}}`);
  const [text] = first.exec(bootstrap) ?? [];
  if (text === undefined) throw new Error("the bootstrap has no address of the control plane");
  return bootstrap.replace(text, `${text},${text.replace(String(ports.xds), String(ports.xds + 10))}`);
}

/** The bootstrap's text, with other pings than the shipped ones. */
function withKeepalive(bootstrap: JsonObject, keepaliveMs: number | undefined): string {
  const text = JSON.stringify(bootstrap);
  if (keepaliveMs === undefined) return text;
  const time = `${keepaliveMs / 1000}s`;
  const shipped = /"connection_keepalive":\{[^}]*\}/;
  if (!shipped.test(text)) throw new Error("the bootstrap has no pings");
  return text.replace(shipped, `"connection_keepalive":{"interval":"${time}","timeout":"${time}"}`);
}

function frontCertificate() {
  return issueTestCertificate(frontHosts.reviews, frontHosts.ratings);
}

class RunningLoadMesh implements LoadMesh {
  readonly net: number;
  readonly folder: string;
  readonly policyFolder: string;
  policy: Policy = startPolicy;
  files: Files;
  readonly envoys = new Map<string, RunningEnvoy>();
  readonly writer = startWriter();
  readonly #options: LoadMeshOptions;
  readonly #surroundings: Parameters<typeof filesOf>[1];
  readonly #fixed: ReadonlyMap<string, string>;
  readonly #backends: Backend[] = [];
  readonly #ratings = new Map<number, Backend[]>();
  #plane: Plane | undefined;
  #cleanUp = () => {};
  #authority: Authority | undefined;

  constructor(options: LoadMeshOptions, folder: string, surroundings: Parameters<typeof filesOf>[1]) {
    this.#options = options;
    this.#surroundings = surroundings;
    this.net = options.net;
    this.folder = folder;
    this.policyFolder = join(folder, "policy");
    this.files = this.filesFor(this.policy);
    this.#fixed = new Map([
      ["cast.yaml", castFile(options.net, members)],
      ["scopes.yaml", scopes(options.net)],
    ]);
  }

  get plane(): Plane {
    if (!this.#plane) throw new Error("the control plane does not run");
    return this.#plane;
  }

  set plane(plane: Plane) {
    this.#plane = plane;
  }

  filesFor(policy: Policy): Files {
    return filesOf(policy, this.#surroundings);
  }

  allFiles(changing: Files): readonly { readonly name: string; readonly text: string }[] {
    return [...this.#fixed, ...changing].map(([name, text]) => ({ name, text }));
  }

  async start(): Promise<void> {
    this.#cleanUp = this.#options.prepare?.(this.folder) ?? (() => undefined);
    await mkdir(this.policyFolder, { recursive: true });
    for (const { name, text } of this.allFiles(this.files))
      await writeFile(join(this.policyFolder, name), text);
    await writeFile(join(this.folder, "mesh-config.yaml"), meshConfig(this.#accessLog));
    await appendFile(this.#accessLog, "");
    await this.startPlane();
    const opened = await openAuthority({
      stateDir: join(this.folder, "state"),
      trustDomain: "cluster.local",
    });
    if (!opened.ok) throw new Error("no authority");
    this.#authority = opened.value;
    for (const name of ["reviews-v1", "reviews-v2"] as const) {
      const host = addressOf(this.net, at[name]);
      this.#backends.push(
        await startHttpBackend(name, host, ports.httpApplication),
        await startTcpBackend(host, ports.tcpApplication),
        await startGrpcBackend(host, ports.grpcApplication),
      );
    }
    for (const index of this.policy.endpoints.keys()) await this.startRating(index);
    await Promise.all(members.map((member) => this.#startEnvoy(member)));
    await this.settled();
  }

  async startPlane(): Promise<void> {
    const start = this.#options.plane === "here" ? startPlaneHere : startServedPlane;
    const { keepaliveMs, planePlace } = this.#options;
    this.#plane = await start({
      net: this.net,
      folder: this.folder,
      ...(keepaliveMs === undefined ? {} : { keepaliveMs }),
      ...(planePlace ? { place: planePlace } : {}),
    });
  }

  get meshConfig(): { readonly name: string; readonly text: string } {
    return { name: "mesh-config.yaml", text: meshConfig(this.#accessLog) };
  }

  get #planeHost(): string {
    return this.#options.planePlace?.host ?? addressOf(this.net, at.plane);
  }

  get #accessLog(): string {
    return join(this.folder, "access.log");
  }

  async #startEnvoy(member: Member): Promise<void> {
    const authority = this.#authority;
    if (!member.envoy || !authority) throw new Error("cannot start an Envoy here");
    const namespace = namespaceOf(member);
    const serviceAccount = serviceAccountOf(member);
    const minted = await authority.mintToken({ trustDomain: "cluster.local", namespace, serviceAccount });
    if (!minted.ok) throw new Error(minted.problem.detail);
    const bootstrap = buildBootstrap({
      type: member.envoy === "gateway" ? "router" : "sidecar",
      name: member.name,
      namespace,
      ip: addressOf(this.net, member.at),
      serviceAccount,
      labels: {},
      interceptionMode: "NONE",
      domainSuffix: "cluster.local",
      xds: { host: this.#planeHost, port: ports.xds },
      security: {
        roots: authority.trustBundlePem,
        token: minted.value.token.reveal(),
        serverName: "fairlead",
      },
      admin: { host: "127.0.0.1", port: 0 },
    });
    const args = ["--drain-time-s", String(this.#options.drainSeconds ?? 2), "--drain-strategy", "immediate"];
    const { keepaliveMs, twoReplicas } = this.#options;
    const text = withReplica(withKeepalive(bootstrap, keepaliveMs), twoReplicas);
    const envoy = await startEnvoy({ bootstrap: text, args });
    this.envoys.set(member.name, envoy);
    await envoy.ready(patienceMs);
  }

  async restartEnvoy(name: string): Promise<void> {
    const member = members.find((each) => each.name === name);
    if (!member) throw new Error(`there is no ${name}`);
    await this.envoys.get(name)?.stop();
    await this.#startEnvoy(member);
  }

  async startRating(index: number): Promise<void> {
    const host = addressOf(this.net, ratings.first + index);
    const name = `ratings-${index}`;
    this.#ratings.set(index, [
      await startHttpBackend(name, host, ports.http),
      await startHttpBackend(name, host, ports.otherHttp),
    ]);
  }

  async stopRating(index: number): Promise<void> {
    const backends = this.#ratings.get(index) ?? [];
    this.#ratings.delete(index);
    await Promise.all(backends.map((backend) => backend.stop()));
  }

  async settled(replica = 0): Promise<void> {
    const deadline = Date.now() + patienceMs;
    for (let quiet = 0; quiet < 3; await sleep(20)) {
      const all = await readSyncStatus(this.net, replica, this.#planeHost);
      const proxies = all.filter(({ proxy }) => members.some(({ name }) => proxy.includes(`~${name}.`)));
      const busy = proxies.some(({ types }) => types.some(({ status }) => status !== "SYNCED"));
      quiet = !busy && proxies.length >= members.length ? quiet + 1 : 0;
      if (Date.now() < deadline) continue;
      throw new Error(`not in sync: ${JSON.stringify(proxies, null, 1)}\n${this.#plane?.log().slice(-3000)}`);
    }
  }

  async flaggedRequests(): Promise<readonly string[]> {
    const text = await readFile(this.#accessLog, "utf8");
    // All proxies write to one file, and now and then one into another's line: code and flags are looked for wherever they stand.
    return text.split("\n").filter((line) => / \d+ (?!- )\S+ at=/.test(line));
  }

  async stop(): Promise<void> {
    this.#authority?.close();
    await this.writer.stop();
    await Promise.all([...this.envoys.values()].map((envoy) => envoy.stop()));
    await this.#plane?.stop("SIGKILL");
    const backends = [...this.#backends, ...[...this.#ratings.values()].flat()];
    await Promise.all(backends.map((backend) => backend.stop()));
    this.#cleanUp();
    await rm(this.folder, { recursive: true, force: true });
  }
}
