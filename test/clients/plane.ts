// A control plane on the plain-text port for clients that are no Envoys: policy files in a folder of its own, which a test
// writes as a user would. It can be stopped and started again on the same port, with whatever the files say then.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import {
  type AppliedChange,
  type ControlPlane,
  createLogger,
  openCertificates,
  startControlPlane,
} from "#runtime";
import type { HostPort, StatusEvent } from "#xds-server";
import { waitUntil } from "../end-to-end/wait-until.ts";

export class TestPlane {
  /** What happened to streams, oldest first, over all starts. */
  readonly events: StatusEvent[] = [];
  readonly changes: AppliedChange[] = [];
  /** Whole lines, as JSON. */
  readonly log: string[] = [];
  /** Of the test's own; removed in the end. */
  readonly folder: string;
  #plane: ControlPlane | undefined;
  #port = 0;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Texts by file name. */
  static async start(files: Readonly<Record<string, string>>): Promise<TestPlane> {
    const plane = new TestPlane(await mkdtemp(join(tmpdir(), "fairlead-clients-")));
    await mkdir(join(plane.folder, "policy"));
    await plane.write(files);
    await plane.start();
    return plane;
  }

  async start(): Promise<void> {
    const log = createLogger("json", "debug", (line) => void this.log.push(line));
    const stateDir = join(this.folder, "state");
    this.#plane = await startControlPlane({
      folders: [join(this.folder, "policy")],
      xds: { host: "127.0.0.1", port: this.#port },
      xdsTls: { host: "127.0.0.1", port: 0 },
      http: { host: "127.0.0.1", port: 0 },
      version: "test",
      log,
      openAuthority: (config) => openCertificates({ stateDir, config, servingNames: [], log }),
      onStatus: (event) => void this.events.push(event),
      onChange: (change) => void this.changes.push(change),
    });
    this.#port = this.xds.port;
  }

  get plane(): ControlPlane {
    if (!this.#plane) throw new Error("the control plane does not run");
    return this.#plane;
  }

  get xds(): HostPort {
    return present(this.plane.xds);
  }

  get xdsTls(): HostPort {
    return present(this.plane.xdsTls);
  }

  /** Writes files, and says nothing of when they are noticed. */
  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files))
      await writeFile(join(this.folder, "policy", name), text);
  }

  /** Writes one file, and resolves when the control plane has taken it in. */
  async edit(name: string, text: string): Promise<void> {
    const before = this.changes.length;
    await this.write({ [name]: text });
    await waitUntil(`${name} to be noticed`, () =>
      this.changes.slice(before).some(({ files }) => files.some((file) => basename(file) === name)),
    );
  }

  /** Host and port of the HTTP pages. */
  get http(): string {
    const { host, port } = present(this.plane.http);
    return `${host}:${port}`;
  }

  /** The text of a page of the HTTP port. */
  async page(path: string): Promise<string> {
    return (await fetch(`http://${this.http}${path}`)).text();
  }

  /** Leaves the files, for the next start. */
  async stop(): Promise<void> {
    await this.#plane?.close();
    this.#plane = undefined;
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function present(address: HostPort | undefined): HostPort {
  if (!address) throw new Error("that port is not open");
  return address;
}
