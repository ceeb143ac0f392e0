// Case number N of a seed: a world, changed at random, and what becomes of it on the way to Envoy.

import { stringify } from "yaml";
import {
  compileMesh,
  compileProxy,
  type Diagnostic,
  type EmittedResource,
  judgeResources,
  type MeshProxy,
  proxiesOf,
} from "#compiler";
import { encodeSnapshot } from "#xds-server";
import { readCorpus, type Seed } from "./corpus.ts";
import { mutate } from "./mutate.ts";
import { type Random, randomFrom } from "./random.ts";
import { type Vocabulary, vocabularyOf } from "./vocabulary.ts";

export interface FuzzCase {
  readonly number: number;
  /** The world it began with, and what was done to it. */
  readonly story: string;
  readonly text: string;
}

export interface Outcome {
  readonly diagnostics: readonly Diagnostic[];
  /** `id`: of all that each gets. */
  readonly proxies: readonly {
    readonly proxy: MeshProxy;
    readonly resources: readonly EmittedResource[];
    readonly id: string;
  }[];
  /** What the last gate would hold back: validation should have said so. */
  readonly unsound: readonly string[];
}

const corpus = readCorpus().filter(({ documents }) => documents.length < 60);
const vocabulary: Vocabulary = vocabularyOf(corpus.flatMap(({ documents }) => documents));

export function makeCase(seed: number, number: number): FuzzCase {
  const random = randomFrom(Math.imul(seed, 0x9e3779b1) + number);
  const world: Seed = random.pick(corpus);
  const documents = structuredClone(world.documents);
  const changes = Array.from({ length: 1 + random.below(3) }, () => mutate(documents, vocabulary, random));
  const text = documents
    .map((each) => stringify(each, { lineWidth: 0, aliasDuplicateObjects: false }))
    .join("---\n");
  const scrambled = random.chance(0.1) ? scramble(text, random) : text;
  return { number, story: `${world.name}: ${changes.join("; ")}`, text: scrambled };
}

/** A few characters are lost, doubled or replaced. */
function scramble(text: string, random: Random): string {
  let changed = text;
  for (let times = random.below(4); times >= 0; times--) {
    const at = random.below(changed.length);
    const length = random.below(6);
    const instead = random.pick([
      "",
      "\t",
      "- ",
      ": ",
      "\n",
      "{",
      "]",
      "&a ",
      "*a",
      "!!binary ",
      "\u0000",
      "'",
      "|",
      "---\n",
    ]);
    changed = changed.slice(0, at) + instead + changed.slice(at + length);
  }
  return changed;
}

/** Proxies of any sort, beside those that the files imply. */
const onlookers: readonly MeshProxy[] = [
  { type: "sidecar", name: "client", labels: { app: "client" }, interceptionMode: "REDIRECT" } as const,
  { type: "sidecar", name: "explicit", labels: { app: "client" }, interceptionMode: "NONE" } as const,
  {
    type: "router",
    name: "gateway",
    labels: { istio: "ingressgateway" },
    interceptionMode: "REDIRECT",
  } as const,
].map((each) => ({
  ...each,
  id: `${each.name}.default`,
  namespace: "default",
  ip: "10.9.9.9",
  serviceAccount: "client",
  hasIdentity: true,
}));

export function runCase({ text }: FuzzCase): Outcome {
  const { mesh, diagnostics } = compileMesh({ files: [{ name: "input.yaml", text }] });
  const proxies = [...proxiesOf(mesh).slice(0, 4), ...onlookers].map((proxy) => {
    const resources = compileProxy(mesh, proxy);
    return { proxy, resources, id: encodeSnapshot(resources).id };
  });
  const unsound = proxies.flatMap(({ proxy, resources }) =>
    judgeResources(resources).unsound.map(
      ({ resource, reasons }) => `${proxy.id} ${resource.name}: ${reasons.join("; ")}`,
    ),
  );
  return { diagnostics, proxies, unsound };
}
