// The proof: a mesh under load, a number of changes one after the other or over each other, and what became of the load.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type CompiledMesh, compileMesh, diffMeshes } from "#compiler";
import { request } from "../envoy/index.ts";
import { startLoad } from "./load/start-load.ts";
import type { FlowTally } from "./load/tally.ts";
import { addressOf, at, ports, ratings } from "./mesh/addresses.ts";
import { type LoadMesh, startLoadMesh } from "./mesh/mesh.ts";
import { readSyncStatus } from "./mesh/plane.ts";
import { type Change, changes } from "./policy/changes.ts";
import type { Files } from "./policy/objects.ts";
import { createRandom, type Random } from "./policy/random.ts";
import { jobsFor, manners } from "./policy/write.ts";

export interface ProofOptions {
  readonly changes: number;
  readonly seed: number;
  /** Average milliseconds between changes; every third follows the one before at once. */
  readonly gapMs?: number;
  /** `N` of the addresses 127.0.N.*. */
  readonly net?: number;
  readonly say?: (line: string) => void;
  /** Only kinds whose names contain this. */
  readonly only?: string;
  readonly factor?: number;
  /** Default `here`; in a process of its own certificates are not renewed. */
  readonly plane?: "here" | "process";
}

/** A change that was made. */
export interface Done {
  readonly at: number;
  readonly kind: string;
  readonly manner: string;
  /** How long it took to write the files: what a busy machine makes of a few milliseconds. */
  readonly writingMs: number;
  /** What `fairlead diff` says that it closes: `proxy: listener`. */
  readonly drains: readonly string[];
}

export interface ProofResult {
  readonly done: readonly Done[];
  readonly tallies: readonly FlowTally[];
  readonly nacks: readonly string[];
  /** Requests that an Envoy answered with a response flag. */
  readonly flagged: readonly string[];
  readonly seconds: number;
  readonly log: string;
}

export async function runProof(options: ProofOptions): Promise<ProofResult> {
  const say = options.say ?? (() => undefined);
  const mesh = await startLoadMesh({ net: options.net ?? 30, plane: options.plane ?? "here" });
  try {
    const random = createRandom(options.seed);
    const load = startLoad({ net: mesh.net, factor: options.factor ?? 1 });
    const start = Date.now();
    await sleep(500);
    const done: Done[] = [];
    const chores = new Set<Promise<void>>();
    const doing = { mesh, random, chores, options };
    for (let serial = 1; done.length < options.changes; serial++) {
      const made = await makeChange(doing, serial);
      if (!made) continue;
      done.push(made);
      if (done.length % 50 === 0) say(`${done.length} changes, ${summarize(load.tallies)}`);
      if (random.next() > 1 / 3) await sleep((options.gapMs ?? 200) * (0.5 + random.next()));
    }
    await Promise.all(chores);
    await mesh.settled();
    // What drains is closed by the end of Envoy's drain time.
    await sleep(2500);
    await load.stop();
    const flagged = await mesh.flaggedRequests();
    return {
      done,
      tallies: load.tallies,
      nacks: mesh.plane.nacks(),
      flagged,
      seconds: (Date.now() - start) / 1000,
      log: mesh.plane.log(),
    };
  } finally {
    await mesh.stop();
  }
}

interface Doing {
  readonly mesh: LoadMesh;
  readonly random: Random;
  /** What goes on after a change: workloads that end. */
  readonly chores: Set<Promise<void>>;
  readonly options: ProofOptions;
}

const rotation: Change = { kind: "certificates of all workloads renewed", make: (policy) => policy };

async function makeChange(
  { mesh, random, chores, options }: Doing,
  serial: number,
): Promise<Done | undefined> {
  const all = mesh.plane.rotate ? [...changes, rotation] : changes;
  const kinds = all.filter(({ kind }) => kind.includes(options.only ?? ""));
  const change = random.pick(kinds);
  const policy = change.make(mesh.policy, random, serial);
  if (!policy) return undefined;
  const before = mesh.policy;
  if (change === rotation) {
    await mesh.plane.rotate?.();
    return { at: Date.now(), kind: change.kind, manner: "", writingMs: 0, drains: [] };
  }
  for (const index of policy.endpoints.keys()) {
    // One that is still ending cannot begin.
    if (!before.endpoints.has(index) && ending.has(index)) return undefined;
  }
  for (const index of policy.endpoints.keys())
    if (!before.endpoints.has(index)) await mesh.startRating(index);
  const after = mesh.filesFor(policy);
  const manner = random.pick(manners);
  const drains = drainsOf(mesh, mesh.files, after);
  const start = performance.now();
  await mesh.writer.write(jobsFor(mesh.policyFolder, mesh.files, after, manner, random));
  const writingMs = Math.round(performance.now() - start);
  mesh.policy = policy;
  mesh.files = after;
  for (const index of before.endpoints.keys()) {
    if (policy.endpoints.has(index)) continue;
    ending.add(index);
    const chore = endRating(mesh, index).finally(() => {
      ending.delete(index);
      chores.delete(chore);
    });
    chores.add(chore);
  }
  return { at: Date.now(), kind: change.kind, manner, writingMs, drains };
}

/** Workloads that no policy names any more and that have not ended yet. */
const ending = new Set<number>();

/**
 * How long a removal may take. On a machine with far more to do than it can, reading a few files takes seconds; they change
 * meanwhile, and a file that may be half written when the others are told has to wait for the next time, more than once.
 */
const removalMs = 90_000;

/** A workload ends once no proxy knows it, and half a second for the requests that are under way. */
async function endRating(mesh: LoadMesh, index: number): Promise<void> {
  const address = `${addressOf(mesh.net, ratings.first + index)}:`;
  const deadline = Date.now() + removalMs;
  for (let known = await whoKnows(mesh, address); known.length > 0; known = await whoKnows(mesh, address)) {
    if (Date.now() > deadline) throw new Error(await explainKnown(mesh, address, known));
    await sleep(50);
  }
  await sleep(500);
  await mesh.stopRating(index);
}

/** The proxies that have this address among their endpoints. */
async function whoKnows(mesh: LoadMesh, address: string): Promise<readonly string[]> {
  const known = await Promise.all(
    [...mesh.envoys].map(async ([name, envoy]) =>
      (await envoy.admin("/clusters?filter=ratings")).includes(address) ? [name] : [],
    ),
  );
  return known.flat();
}

/** Where an address got stuck: in the files, in what the control plane serves, or on the way to a proxy. */
async function explainKnown(mesh: LoadMesh, address: string, proxies: readonly string[]): Promise<string> {
  const [host = ""] = address.split(":");
  const texts = await Promise.all(
    [...mesh.files.keys()].map(async (name) => [name, await readFile(join(mesh.policyFolder, name), "utf8")]),
  );
  const files = texts.flatMap(([name = "", text = ""]) => (text.includes(`[${host}]`) ? [name] : []));
  const served = await Promise.all(
    proxies.map(async (name) => {
      const path = `/debug/config_dump?proxyID=${name}.shop`;
      const page = { host: addressOf(mesh.net, at.plane), port: ports.http14, path };
      return (await request(page)).body.includes(`"${host}"`) ? [name] : [];
    }),
  );
  return [
    `${address} is still known to ${proxies.join()}`,
    `in force in the files ${files.join() || "none"}; served to ${served.flat().join() || "none"}`,
    JSON.stringify(await readSyncStatus(mesh.net)),
    mesh.plane.log().slice(-5000),
  ].join("\n");
}

const compiled = new WeakMap<Files, CompiledMesh["mesh"]>();

function meshOf(mesh: LoadMesh, files: Files): CompiledMesh["mesh"] {
  const known = compiled.get(files);
  if (known) return known;
  const made = compileMesh({ files: mesh.allFiles(files), meshConfig: mesh.meshConfig }).mesh;
  compiled.set(files, made);
  return made;
}

/** What `fairlead diff` says of the change: `proxy: listener`. */
export function drainsOf(mesh: LoadMesh, before: Files, after: Files): readonly string[] {
  return diffMeshes(meshOf(mesh, before), meshOf(mesh, after)).proxies.flatMap(({ id, resources }) =>
    resources.flatMap(({ drain }) => (drain ? [`${id}: ${drain.listener}`] : [])),
  );
}

export function summarize(tallies: readonly FlowTally[]): string {
  const sum = (count: (tally: FlowTally) => number) =>
    tallies.reduce((total, tally) => total + count(tally), 0);
  return `${sum(({ ok }) => ok)} answered, ${sum(({ failures }) => failures.length)} failed, ${sum(({ cuts }) => cuts.length)} streams cut`;
}
