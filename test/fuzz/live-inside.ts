// Runs inside a network namespace of its own, so that every port is free: a control plane and three real Envoys, over which policy
// changes at random as it does in a repository. Tells what an Envoy refused, and where one came to run with something else than it
// should.

import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { buildBootstrap } from "#agent";
import { applyEdit, type Edit, editOf, history } from "../determinism/edits.ts";
import { smallSteps, wholeMesh } from "../determinism/small-steps.ts";
import { Control } from "../end-to-end/control.ts";
import { anyWorkload, type RunningEnvoy, request, startEnvoy, testRoot } from "../envoy/index.ts";
import { makeCase } from "./cases.ts";
import { configAsServed, configOfEnvoy, differences } from "./live-config.ts";
import type { LiveOrder, LiveReport } from "./live-orders.ts";
import { randomFrom } from "./random.ts";

const xds = { host: "127.0.0.1", port: 21012 };
const http = { host: "127.0.0.1", port: 21014 };
const proxies = [
  { type: "sidecar", name: "a", namespace: "default", ip: "10.0.0.1", labels: {} },
  { type: "sidecar", name: "b", namespace: "shop", ip: "10.0.0.2", labels: { app: "b" } },
  {
    type: "router",
    name: "gw",
    namespace: "istio-system",
    ip: "10.0.0.3",
    labels: { istio: "ingressgateway" },
  },
] as const;
/** Between two looks at what the Envoys run with. */
const changesAtATime = 4;

/** What is done to the files, given those before. */
type Change = (files: ReadonlyMap<string, string>) => Edit;

const stories: Readonly<Record<LiveOrder["story"], (seed: number) => readonly Change[]>> = {
  history: (seed) => sampleOf(history, seed).map((steps) => (files) => editOf(files, steps)),
  steps: (seed) => [wholeMesh, ...sampleOf(smallSteps, seed)].map((edit) => () => edit),
  mutations: (seed) => {
    const random = randomFrom(seed);
    return Array.from({ length: 12 }, (_, number) => (files) => {
      const name = `mutated-${random.below(5)}.yaml`;
      if (files.has(name) && random.chance(0.2)) return { upserted: [], removed: [name] };
      return { upserted: [{ name, text: makeCase(seed, number).text }], removed: [] };
    });
  },
};

function sampleOf<T>(arbitrary: fc.Arbitrary<T>, seed: number): T {
  const [sample] = fc.sample(arbitrary, { numRuns: 1, seed });
  if (sample === undefined) throw new Error("nothing was drawn");
  return sample;
}

class LiveMesh {
  readonly #control: Control;
  readonly #certificates: string;
  readonly #envoys = new Map<string, RunningEnvoy>();
  #files: ReadonlyMap<string, string> = new Map();

  private constructor(control: Control, certificates: string) {
    this.#control = control;
    this.#certificates = certificates;
  }

  static async start({ tables }: LiveOrder): Promise<LiveMesh> {
    const certificates = await mkdtemp(join(tmpdir(), "fairlead-live-"));
    const control = await Control.start({ xds, http, meshConfig: "{}\n", files: {} });
    control.tolerateNacks = true;
    const mesh = new LiveMesh(control, certificates);
    for (const proxy of proxies) await mesh.#startEnvoy(proxy, tables);
    await control.settled();
    return mesh;
  }

  async #startEnvoy(proxy: (typeof proxies)[number], tables: LiveOrder["tables"]): Promise<void> {
    const { name, namespace } = proxy;
    const serviceAccount = "default";
    const bootstrap = buildBootstrap({
      ...proxy,
      serviceAccount,
      interceptionMode: "REDIRECT",
      domainSuffix: "cluster.local",
      xds,
      security: await this.#control.credentials({ namespace, serviceAccount }),
      admin: { host: "127.0.0.1", port: 0 },
    });
    const text = JSON.stringify(bootstrap);
    const envoy = await startEnvoy({
      bootstrap: tables === "parts" ? text : text.replace('"VHDS"', '"NO_VHDS"'),
      args: ["--drain-time-s", "1", "--drain-strategy", "immediate"],
    });
    this.#envoys.set(`${name}.${namespace}`, envoy);
    this.#control.watch(envoy);
  }

  get nacks(): readonly string[] {
    return this.#control.nacks.map(({ node, message }) => `${node}: ${message}`);
  }

  /** Resolves once every proxy has acknowledged it. */
  async change(change: Change): Promise<void> {
    await this.#control.edit(await this.#filesAfter(change));
  }

  /** Leaves everything as it is when so many milliseconds have passed. */
  async hurry(change: Change, ms: number): Promise<void> {
    await this.#control.save(await this.#filesAfter(change));
    await sleep(ms);
  }

  /** The change is made while no control plane runs. */
  async restart(change: Change): Promise<void> {
    const files = await this.#filesAfter(change);
    await this.#control.restart(() => this.#control.save(files));
  }

  async #filesAfter(change: Change): Promise<Readonly<Record<string, string | undefined>>> {
    const edit = change(this.#files);
    this.#files = applyEdit(this.#files, edit);
    const texts = await Promise.all(
      edit.upserted.map(async ({ name, text }) => [flat(name), await this.#withCertificates(text)] as const),
    );
    const removed = edit.removed.map((name) => [flat(name), undefined] as const);
    return Object.fromEntries([...texts, ...removed]);
  }

  /** Certificates that policy expects on a proxy's disk are there. */
  async #withCertificates(text: string): Promise<string> {
    const paths = /\/etc\/(?:ssl\/)?certs\/([\w.-]+)/g;
    for (const [, name = ""] of text.matchAll(paths)) {
      const { certificate, privateKey } = anyWorkload;
      const content = /key/.test(name) ? privateKey : /ca|root/.test(name) ? testRoot : certificate;
      await writeFile(join(this.#certificates, name), content);
    }
    return text.replaceAll(paths, (_, name: string) => join(this.#certificates, name));
  }

  /**
   * Where an Envoy still runs with something else than it should when removals have had their time: half a minute more where it
   * has come back and does not ask for route tables, which are waited for.
   */
  async differences(): Promise<readonly string[]> {
    await this.#control.edit({});
    for (let tries = 0; ; tries++) {
      const found = await Promise.all([...this.#envoys].map(([id, envoy]) => this.#compare(id, envoy)));
      if (found.flat().length === 0 || tries === 160) return found.flat();
      await sleep(250);
    }
  }

  async #compare(id: string, envoy: RunningEnvoy): Promise<readonly string[]> {
    const dump = JSON.parse(await envoy.admin("/config_dump"));
    const page = await request({ ...http, path: `/debug/config_dump?proxyID=${id}` });
    return differences(configOfEnvoy(dump), configAsServed(JSON.parse(page.body))).map(
      (each) => `${id}: ${each}`,
    );
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#envoys.values()].map((envoy) => envoy.stop()));
    await this.#control.stop();
    await rm(this.#certificates, { recursive: true, force: true });
  }
}

function flat(name: string): string {
  return name.replaceAll("/", "-");
}

async function tell(order: LiveOrder): Promise<LiveReport> {
  const mesh = await LiveMesh.start(order);
  let changes = 0;
  const faults: string[] = [];
  try {
    for (const seed of order.seeds) {
      const story = stories[order.story](seed);
      const random = randomFrom(seed);
      for (const [index, change] of story.entries()) {
        if (!order.disturbed || random.chance(0.25)) await mesh.change(change);
        else if (random.chance(0.5)) await mesh.hurry(change, random.below(60));
        else await mesh.restart(change);
        changes += 1;
        const isTime = index % changesAtATime === changesAtATime - 1 || index === story.length - 1;
        if (isTime)
          faults.push(...(await mesh.differences()).map((each) => `seed ${seed}, change ${index}: ${each}`));
      }
    }
    return { changes, faults, nacks: mesh.nacks };
  } finally {
    await mesh.stop();
  }
}

// Whoever started it is gone, or has its report.
process.on("disconnect", () => process.exit());
// The namespace leads nowhere, so that names are looked up in vain at once. Policy has addresses that nobody here has.
execFileSync("ip", ["link", "set", "lo", "up"]);
await writeFile("/proc/sys/net/ipv4/ip_nonlocal_bind", "1");
process.send?.(await tell(JSON.parse(process.argv[2] ?? "{}") as LiveOrder), () => process.disconnect?.());
