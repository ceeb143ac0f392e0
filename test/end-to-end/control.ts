// The control plane of a test mesh: policy files in a folder of its own, served over TLS by this process. Policy is edited
// on disk, as a user would, and is in force at every proxy when `edit` resolves.

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { BootstrapOptions } from "#agent";
import { openAuthority } from "#ca";
import type { WorkloadIdentity } from "#identity";
import { lookUp, namesIn } from "#immutable";
import { type ControlPlane, createLogger, openCertificates, startControlPlane } from "#runtime";
import type { HostPort } from "#xds-server";
import type { TestCertificate } from "../envoy/test-certificates.ts";
import { waitUntil } from "./wait-until.ts";

const meshConfigName = "mesh-config.yaml";

export interface ControlOptions {
  /** Addresses of the control plane's own. */
  readonly xds: HostPort;
  readonly http: HostPort;
  readonly meshConfig: string;
  /** Texts by file name, which ends in `.yaml`. */
  readonly files: Readonly<Record<string, string>>;
}

/** What `edit` has to know of a running Envoy. */
export interface Watched {
  stats(filter: string): Promise<ReadonlyMap<string, number>>;
}

export interface Nack {
  readonly node: string;
  readonly message: string;
}

export class Control {
  /** `edit` rejects when a proxy refuses something, unless this is set. */
  tolerateNacks = false;
  readonly nacks: Nack[] = [];
  readonly folder: string;
  readonly #envoys = new Set<Watched>();
  /** By file name; undefined for a file that has been deleted. */
  readonly #texts = new Map<string, string | undefined>();
  readonly #ports: Pick<ControlOptions, "xds" | "http">;
  #plane: ControlPlane | undefined;
  #log = "";

  private constructor(folder: string, ports: Pick<ControlOptions, "xds" | "http">) {
    this.folder = folder;
    this.#ports = ports;
  }

  static async start({ xds, http, meshConfig, files }: ControlOptions): Promise<Control> {
    const control = new Control(await mkdtemp(join(tmpdir(), "fairlead-mesh-")), { xds, http });
    try {
      await mkdir(control.policyFolder);
      await control.save({ ...files, [meshConfigName]: meshConfig });
      await control.#open();
      return control;
    } catch (error) {
      await control.stop();
      throw error;
    }
  }

  async #open(): Promise<void> {
    const { xds, http } = this.#ports;
    const log = createLogger("text", "warn", (line) => {
      this.#log += line;
    });
    this.#plane = await startControlPlane({
      folders: [this.policyFolder],
      meshConfigFile: this.#meshConfigFile,
      xdsTls: xds,
      http,
      version: "test",
      log,
      openAuthority: (config) => openCertificates({ stateDir: this.#state, config, servingNames: [], log }),
      onStatus: (event) => {
        if (event.kind !== "nacked") return;
        const names = event.resources.map(({ name }) => name).join();
        this.nacks.push({ node: event.client.nodeId, message: `${names}: ${event.message}` });
      },
    });
  }

  get plane(): ControlPlane {
    if (!this.#plane) throw new Error("the control plane does not run");
    return this.#plane;
  }

  /** Where policy files are. */
  get policyFolder(): string {
    return join(this.folder, "policy");
  }

  get #state(): string {
    return join(this.folder, "state");
  }

  get #meshConfigFile(): string {
    return this.#pathOf(meshConfigName);
  }

  /** From now on `edit` waits for this one as well. */
  watch(envoy: Watched): void {
    this.#envoys.add(envoy);
  }

  /** A certificate from the mesh's own root, for an identity of any trust domain. */
  async certificate(identity: WorkloadIdentity): Promise<TestCertificate> {
    const opened = await openAuthority({ stateDir: this.#state, trustDomain: identity.trustDomain });
    if (!opened.ok) throw new Error("the authority cannot be opened");
    const issued = await opened.value.issue(identity);
    opened.value.close();
    if (!issued.ok) throw new Error(issued.problem.detail);
    const { certChainPem, privateKeyPem } = issued.value;
    return { certificate: certChainPem, privateKey: privateKeyPem.reveal() };
  }

  /** A token of its own for one workload, as `fairlead bootstrap --state` would mint it. */
  async credentials(
    identity: Omit<WorkloadIdentity, "trustDomain">,
  ): Promise<NonNullable<BootstrapOptions["security"]>> {
    const trustDomain = "cluster.local";
    const opened = await openAuthority({ stateDir: this.#state, trustDomain });
    if (!opened.ok) throw new Error("the authority cannot be opened");
    const minted = await opened.value.mintToken({ trustDomain, ...identity });
    opened.value.close();
    if (!minted.ok) throw new Error(minted.problem.detail);
    const { trustBundlePem } = opened.value;
    return { roots: trustBundlePem, token: minted.value.token.reveal(), serverName: "fairlead" };
  }

  /** Writes or (undefined) deletes policy files, and waits until every proxy does as they say. */
  async edit(files: Readonly<Record<string, string | undefined>>): Promise<void> {
    const known = this.nacks.length;
    await this.save(files);
    await waitUntil("the change to be noticed", () => this.#isNoticed());
    await this.settled();
    if (!this.tolerateNacks && this.nacks.length > known) {
      throw new Error(`refused: ${JSON.stringify(this.nacks.slice(known), null, 2)}`);
    }
  }

  /** Writes or (undefined) deletes policy files, and waits for nothing. */
  async save(files: Readonly<Record<string, string | undefined>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      if (this.#texts.get(name) === text) continue;
      this.#texts.set(name, text);
      if (text === undefined) await rm(this.#pathOf(name), { force: true });
      else await writeFile(this.#pathOf(name), text);
    }
  }

  /** In the middle of whatever it does. `meanwhile` happens while no control plane is there. */
  async restart(meanwhile: () => Promise<void> = async () => {}): Promise<void> {
    await this.plane.close();
    this.#plane = undefined;
    await meanwhile();
    await this.#open();
  }

  /** Replaces what the last `policy` wrote. Rejects when the compiler finds an error in it. */
  async policy(...documents: readonly string[]): Promise<void> {
    await this.edit({ "policy.yaml": `${documents.map((text) => text.trim()).join("\n---\n")}\n` });
    const { diagnostics } = this.plane.world();
    const errors = diagnostics.filter(
      ({ severity, position }) => severity === "error" && position.file.includes("policy.yaml"),
    );
    if (errors.length === 0) return;
    throw new Error(errors.map(({ position, message }) => `${position.line}: ${message}`).join("\n"));
  }

  /** Writes the mesh config, and waits as `edit` does. */
  async configure(meshConfig: string): Promise<void> {
    await this.edit({ [meshConfigName]: meshConfig });
  }

  /** Everything is sent and answered, and no Envoy waits for anything. Removals may be left: they come a second later. */
  async settled(): Promise<void> {
    let quiet = 0;
    await waitUntil(
      "all proxies to be in sync",
      async () => {
        quiet = this.#isQuiet() ? quiet + 1 : 0;
        return quiet >= 2 && (await this.#isWarm());
      },
      () =>
        `${JSON.stringify(this.plane.server.clients(), null, 1).slice(0, 4000)}\n${this.#log.slice(-2000)}`,
    );
    // Workers take over what Envoy's main thread has decided.
    await sleep(10);
  }

  #isQuiet(): boolean {
    const clients = this.plane.server.clients();
    const busy = clients.some(({ types }) =>
      types.some(
        ({ awaitingAnswer, pending, shortName }) =>
          awaitingAnswer || (pending > 0 && ["LDS", "RDS", "VHDS"].includes(shortName)),
      ),
    );
    return !busy && clients.length >= this.#envoys.size;
  }

  async #isWarm(): Promise<boolean> {
    const waiting = await Promise.all(
      [...this.#envoys].map(async (envoy) => {
        const stats = await envoy.stats("(total_listeners_warming|warming_clusters)$");
        return [...stats.values()].some((value) => value > 0);
      }),
    );
    return !waiting.includes(true);
  }

  #pathOf(name: string): string {
    return name === meshConfigName ? join(this.folder, name) : join(this.policyFolder, name);
  }

  /** The control plane knows what is on disk. Of a file that was changed back at once it never says anything. */
  async #isNoticed(): Promise<boolean> {
    const { texts } = this.plane.world();
    const known = new Map(Array.from(namesIn(texts), (name) => [basename(name), lookUp(texts, name)]));
    const onDisk = await Promise.all(
      Array.from(this.#texts.keys(), async (name) => {
        const text = await readFile(this.#pathOf(name), "utf8").catch(() => undefined);
        return known.get(name) === text;
      }),
    );
    return onDisk.every(Boolean);
  }

  async stop(): Promise<void> {
    await this.#plane?.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
