// A proxy's snapshot, changed step by step, is what it would be from scratch.

import test from "ava";
import fc from "fast-check";
import { type CompiledMesh, compileLayers, compileMesh, joinFiles, type MeshProxy } from "#compiler";
import { collectionOf, type Snapshot, typeUrls } from "#xds-server";
import { applyEdit, type Edit } from "../test/determinism/edits.ts";
import { smallSteps, wholeMesh } from "../test/determinism/small-steps.ts";
import { makeSnapshot } from "./snapshots.ts";
import { changeWorld, emptyWorld } from "./world.ts";

const sidecar: MeshProxy = {
  id: "a.default",
  name: "a",
  namespace: "default",
  type: "sidecar",
  serviceAccount: "default",
  ip: "10.9.9.9",
  interceptionMode: "REDIRECT",
  hasIdentity: true,
  labels: { app: "b" },
};
const gateway: MeshProxy = {
  ...sidecar,
  id: "gw.istio-system",
  namespace: "istio-system",
  type: "router",
  labels: { istio: "ingressgateway" },
};

/** By type the names, in their order, and versions of everything there is. */
function contentsOf({ id, collections, base }: Snapshot) {
  const all = new Map([...(base?.collections ?? []), ...collections]);
  const types = [...all].map(([typeUrl, { version, resources }]) => {
    return [typeUrl, version, [...resources].map(([name, resource]) => [name, resource.version])] as const;
  });
  return { id, types: types.sort(([a], [b]) => (a < b ? -1 : 1)) };
}

test("snapshots that come from one another are those of the last state alone", (t) => {
  let compared = 0;
  const property = fc.property(smallSteps, (edits: readonly Edit[]) => {
    for (const proxy of [sidecar, gateway]) {
      let world = emptyWorld();
      let joined: CompiledMesh | undefined;
      let snapshot: Snapshot | undefined;
      let files: ReadonlyMap<string, string> = new Map();
      for (const edit of [wholeMesh, ...edits]) {
        files = applyEdit(files, edit);
        world = changeWorld(world, edit);
        // As the files are, without what is held back of a change until its references are there.
        joined = joinFiles(world.files, undefined, joined);
        const made = makeSnapshot(joined.mesh, proxy, [], snapshot, "parts");
        if (made.unsound.length > 0) return;
        snapshot = made.snapshot;
      }
      const texts = [...files]
        .map(([name, text]) => ({ name, text }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const fresh = makeSnapshot(compileMesh({ files: texts }).mesh, proxy, [], undefined, "parts").snapshot;
      t.deepEqual(snapshot && contentsOf(snapshot), contentsOf(fresh));
      compared++;
    }
  });
  fc.assert(property, { numRuns: 40 });
  t.true(compared > 40, `only ${compared} were compared`);
});

test("what cannot be encoded, by a mistake of ours, withholds itself alone", (t) => {
  const mesh = (port: number) =>
    compileMesh({
      files: [
        {
          name: "services.yaml",
          text: ["a", "b"]
            .map(
              (name) =>
                `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { ports: [{ name: http, port: ${port} }] }\n`,
            )
            .join("---\n"),
        },
      ],
    }).mesh;
  const clustersOf = (snapshot: Snapshot) =>
    [...collectionOf(snapshot, typeUrls.cluster).resources.keys()].filter((name) =>
      name.startsWith("outbound"),
    );
  const bad = mesh(80);
  const { shared } = compileLayers(bad, sidecar, "parts");
  const cluster = shared.flat().find(({ name }) => name.startsWith("outbound|80||a."));
  if (!cluster) throw new Error("no cluster");
  // As when what a file says is looked up in an object, which inherits more than it has.
  Object.assign(cluster.message, { perConnectionBufferLimitBytes: { value: Object } });
  const { snapshot, unsound } = makeSnapshot(bad, sidecar, [], undefined, "parts");
  t.deepEqual(clustersOf(snapshot), ["outbound|80||b.default.svc.cluster.local"]);
  t.deepEqual(
    unsound.map(({ resource, withheld }) => [resource.name, withheld]),
    [["outbound|80||a.default.svc.cluster.local", "whole"]],
  );
  t.regex(unsound[0]?.reasons.join() ?? "", /^it cannot be encoded: /);
});
