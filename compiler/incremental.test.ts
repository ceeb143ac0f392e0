// Incremental = from scratch: whatever the history of edits, a mesh changed step by step compiles to what the same files
// compile to at once, bytes, names and origins alike.

import test from "ava";
import fc from "fast-check";
import {
  type CompiledMesh,
  compileMesh,
  compileProxy,
  joinFiles,
  type MeshProxy,
  proxiesOf,
} from "#compiler";
import { changeWorld, emptyWorld } from "#runtime";
import { encodeResource } from "#xds-server";
import { applyEdit, editOf, history } from "../test/determinism/edits.ts";

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

function everything({ mesh }: Pick<CompiledMesh, "mesh">): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const proxy of [...constant, ...proxiesOf(mesh)]) {
    for (const emitted of compileProxy(mesh, proxy)) {
      const { typeUrl, name, version, origins } = encodeResource(emitted);
      found.set(`${proxy.id} ${typeUrl} ${name}`, `${version} ${JSON.stringify(origins)}`);
    }
  }
  return found;
}

test("a mesh changed step by step compiles as from scratch", (t) => {
  let resources = 0;
  const property = fc.property(history, (changes) => {
    let world = emptyWorld();
    let files: ReadonlyMap<string, string> = new Map();
    let joined: CompiledMesh | undefined;
    for (const steps of changes) {
      const edit = editOf(files, steps);
      files = applyEdit(files, edit);
      world = changeWorld(world, edit);
      const texts = [...files]
        .map(([name, text]) => ({ name, text }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      // As they are, without what the runtime holds back of a change until its references are there.
      joined = joinFiles(world.files, undefined, joined);
      const incremental = everything(joined);
      const fresh = everything(compileMesh({ files: texts }));
      t.deepEqual(incremental, fresh);
      t.deepEqual(joined.diagnostics, joinFiles(world.files).diagnostics);
      resources += fresh.size;
    }
  });
  fc.assert(property, { numRuns: 40, seed: 2026 });
  t.true(resources > 1000, `only ${resources} resources were compared`);
});
