// A process that compiles the synthetic mesh once for some sidecars and prints how long each stage took, as JSON. A process
// of its own, so that nothing is left from the time before: no memo, no compiled code.

import { judgeResources, viewOf } from "#compiler";
import { createSnapshot, encodeResource, type ServedResource } from "#xds-server";
import { parseText } from "../../compiler/1-parse/index.ts";
import { validateObject } from "../../compiler/2-validate/index.ts";
import { buildMesh } from "../../compiler/3-mesh/build.ts";
import { indexFacts } from "../../compiler/3-mesh/fact-index.ts";
import { checkReferences } from "../../compiler/3-mesh/references/index.ts";
import { emitView } from "../../compiler/5-emit/emit.ts";
import { filterPolicies, kinds } from "../../compiler/kinds/registry.ts";
import { defaultMeshConfig } from "../../compiler/model/mesh-config.ts";
import { monotonicMs } from "../monotonic.ts";
import { sidecar } from "../sidecars.ts";
import { type MeshSize, syntheticMesh } from "../synthetic-mesh.ts";
import type { ColdCompile } from "./result.ts";

const [count = "1", sizeJson = ""] = process.argv.slice(2);
const size: MeshSize = JSON.parse(sizeJson);
const texts = syntheticMesh(size);
const contributors = new Map(filterPolicies.map((policy) => [policy.policy, policy]));

const stages: Record<string, number> = {};
function timed<T>(stage: string, work: () => T): T {
  const started = monotonicMs();
  const result = work();
  stages[stage] = (stages[stage] ?? 0) + monotonicMs() - started;
  return result;
}

// The same steps as `compileMesh` and the runtime's snapshots, one by one.
const parsed = timed("parse", () => texts.flatMap(({ name, text }) => parseText(name, text).objects));
const facts = timed("validate", () => {
  const settings = { kinds, mesh: defaultMeshConfig };
  return parsed.flatMap((object) => validateObject(object, settings).facts);
});
const build = timed("mesh", () => buildMesh(indexFacts(facts)));
timed("references", () => checkReferences(build));

const served = new Set<ServedResource>();
for (let index = 0; index < Number(count); index += 1) {
  const view = timed("view", () => viewOf(build.mesh, sidecar(index, size, true)));
  const emitted = timed("emit", () => emitView(view, contributors));
  const { sound } = timed("judge", () => judgeResources(emitted));
  const encoded = timed("encode", () => sound.map((resource) => encodeResource(resource)));
  timed("snapshot", () => createSnapshot(encoded));
  for (const each of encoded) served.add(each);
}

const result: ColdCompile = {
  stages,
  totalMs: Object.values(stages).reduce((sum, each) => sum + each, 0),
  sidecars: Number(count),
  distinctResources: served.size,
  encodedBytes: [...served].reduce((sum, { wire }) => sum + wire.byteLength, 0),
  peakBytes: process.resourceUsage().maxRSS * 1024,
};
process.stdout.write(JSON.stringify(result));
