// The control plane of a test mesh: policy files in a folder of its own, served over TLS by this process. Policy is edited
// on disk, as a user would, and is in force at every proxy when `edit` resolves.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { BootstrapOptions } from "#agent";
import { openAuthority } from "#ca";
import type { WorkloadIdentity } from "#identity";
import { type ControlPlane, createLogger, openCertificates, startControlPlane } from "#runtime";
import type { HostPort } from "#xds-server";
import { waitUntil } from "./wait-until.ts";

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
  readonly #texts = new Map<string, string>();
  /** Names of files whose edits the control plane has not told of yet. */
  readonly #unnoticed = new Set<string>();
  #plane: ControlPlane | undefined;
  #log = "";

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async start(options: ControlOptions): Promise<Control> {
    const control = new Control(await mkdtemp(join(tmpdir(), "fairlead-mesh-")));
    try {
      await control.#start(options);
      return control;
    } catch (error) {
      await control.stop();
      throw error;
    }
  }

  async #start({ xds, http, meshConfig, files }: ControlOptions): Promise<void> {
    await mkdir(this.policyFolder);
    await this.#write(files);
    await writeFile(this.#meshConfigFile, meshConfig);
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
      onChange: (change) => {
        for (const file of change.files) this.#unnoticed.delete(basename(file));
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
    return join(this.folder, "mesh-config.yaml");
  }

  /** From now on `edit` waits for this one as well. */
  watch(envoy: Watched): void {
    this.#envoys.add(envoy);
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
    await this.#write(files);
    await waitUntil("the change to be noticed", () => this.#unnoticed.size === 0);
    await this.settled();
    if (!this.tolerateNacks && this.nacks.length > known) {
      throw new Error(`refused: ${JSON.stringify(this.nacks.slice(known), null, 2)}`);
    }
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
    this.#unnoticed.add(basename(this.#meshConfigFile));
    await writeFile(this.#meshConfigFile, meshConfig);
    await this.edit({});
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
          awaitingAnswer || (pending > 0 && (shortName === "LDS" || shortName === "RDS")),
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

  async #write(files: Readonly<Record<string, string | undefined>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.policyFolder, name);
      if (this.#texts.get(name) === text) continue;
      if (this.#plane) this.#unnoticed.add(name);
      if (text === undefined) {
        await rm(path, { force: true });
        this.#texts.delete(name);
      } else {
        await writeFile(path, text);
        this.#texts.set(name, text);
      }
    }
  }

  async stop(): Promise<void> {
    await this.#plane?.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
