// Incremental = from scratch: whatever the history of edits, a mesh changed step by step compiles to what the same files
// compile to at once, bytes, names and origins alike.

import { setImmediate as turn } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import {
  type CompiledMesh,
  compileLayers,
  compileMesh,
  joinFiles,
  type MeshProxy,
  proxiesOf,
} from "#compiler";
import { changeWorld, emptyWorld } from "#runtime";
import { encodeResource } from "#xds-server";
import { applyEdit, type Edit, editOf, history } from "../test/determinism/edits.ts";
import { smallSteps, wholeMesh } from "../test/determinism/small-steps.ts";

const known = { serviceAccount: "default", ip: "10.9.9.9", interceptionMode: "REDIRECT", hasIdentity: true };

/** Beside the proxies of the files: some that are there whatever the files say. */
const constant: readonly MeshProxy[] = [
  { ...known, id: "a.default", name: "a", namespace: "default", type: "sidecar", labels: {} },
  { ...known, id: "b.shop", name: "b", namespace: "shop", type: "sidecar", labels: { app: "b" } },
  {
    ...known,
    id: "gw.istio-system",
    name: "gw",
    namespace: "istio-system",
    type: "router",
    labels: { istio: "ingressgateway" },
  },
].map((proxy) => proxy as MeshProxy);

/** Every resource of every proxy, in layers as they are served, with its version and origins. */
function everything({ mesh }: Pick<CompiledMesh, "mesh">): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const proxy of [...constant, ...proxiesOf(mesh)]) {
    for (const tables of ["whole", "parts"] as const) {
      const { shared, own } = compileLayers(mesh, proxy, tables);
      for (const emitted of [...shared.flat(), ...own]) {
        const { typeUrl, name, version, origins } = encodeResource(emitted);
        found.set(`${proxy.id} ${tables} ${typeUrl} ${name}`, `${version} ${JSON.stringify(origins)}`);
      }
    }
  }
  return found;
}

interface Moment {
  readonly files: ReadonlyMap<string, string>;
  readonly resources: ReadonlyMap<string, string>;
  readonly diagnostics: CompiledMesh["diagnostics"];
  readonly isStep: boolean;
}

/**
 * What a history comes to step by step, of which proxies look at every `pace`th mesh and take several steps at once. Compiling
 * anew in between would make everybody forget what they came from.
 */
function live(edits: readonly ((files: ReadonlyMap<string, string>) => Edit)[], pace = 1): readonly Moment[] {
  let world = emptyWorld();
  let files: ReadonlyMap<string, string> = new Map();
  let joined: CompiledMesh | undefined;
  return edits.flatMap((next, index) => {
    const edit = next(files);
    files = applyEdit(files, edit);
    world = changeWorld(world, edit);
    // As they are, without what the runtime holds back of a change until its references are there.
    joined = joinFiles(world.files, undefined, joined);
    if (index % pace > 0) return [];
    const { mesh, diagnostics } = joined;
    return { files, resources: everything(joined), diagnostics, isStep: mesh.step !== undefined };
  });
}

/** What somebody has to read, of thousands of resources. */
function differences(found: Moment["resources"], expected: Moment["resources"]) {
  return [...new Set([...found.keys(), ...expected.keys()])]
    .map((key) => ({ key, found: found.get(key), expected: expected.get(key) }))
    .filter(({ found, expected }) => found !== expected);
}

function compare(t: ExecutionContext, moments: readonly Moment[]): number {
  let steps = 0;
  for (const { files, resources, diagnostics, isStep } of moments) {
    const texts = [...files]
      .map(([name, text]) => ({ name, text }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const fresh = compileMesh({ files: texts });
    t.deepEqual(differences(resources, everything(fresh)), []);
    t.deepEqual(diagnostics, fresh.diagnostics);
    if (isStep) steps += 1;
  }
  return steps;
}

/** A turn of the event loop for each run: until a job ends, V8 keeps all that weak references in it have named. */
function runs<T>(values: fc.Arbitrary<T>, check: (value: T) => void) {
  return fc.asyncProperty(values, async (value) => {
    check(value);
    await turn();
  });
}

test("a mesh changed step by step compiles as from scratch", async (t) => {
  let resources = 0;
  const property = runs(history, (changes) => {
    const moments = live(changes.map((steps) => (files) => editOf(files, steps)));
    compare(t, moments);
    resources += moments.reduce((sum, moment) => sum + moment.resources.size, 0);
  });
  await fc.assert(property, { numRuns: 40, seed: 2026 });
  t.true(resources > 1000, `only ${resources} resources were compared`);
});

test("small steps of a mesh with a bit of everything compile as from scratch", async (t) => {
  let steps = 0;
  const property = runs(smallSteps, (edits) => {
    steps += compare(t, live([() => wholeMesh, ...edits.map((edit) => () => edit)]));
  });
  await fc.assert(property, { numRuns: Number(process.env.FAIRLEAD_STEP_RUNS ?? 60) });
  t.true(steps > 100, `only ${steps} steps were small`);
});

test("several small steps at once come to the same", async (t) => {
  const property = runs(fc.tuple(smallSteps, fc.integer({ min: 2, max: 4 })), ([edits, pace]) => {
    compare(t, live([() => wholeMesh, ...edits.map((edit) => () => edit)], pace));
  });
  await fc.assert(property, { numRuns: Number(process.env.FAIRLEAD_STEP_RUNS ?? 60) });
});
