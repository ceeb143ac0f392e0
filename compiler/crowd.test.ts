// Shared = alone: whatever clients have in common, and whichever of them asked first, each gets what it would get if there were no other
// and nothing had ever been different, bytes, names and origins alike.

import { setImmediate as turn } from "node:timers/promises";
import test from "ava";
import fc from "fast-check";
import { type CompiledMesh, compileLayers, compileMesh, joinFiles, type MeshProxy } from "#compiler";
import { changeWorld, emptyWorld } from "#runtime";
import { encodeResource } from "#xds-server";
import { type CrowdStep, crowd, crowdHistory } from "../test/determinism/crowd.ts";
import { applyEdit } from "../test/determinism/edits.ts";

/** Every resource with its version and origins. */
function everythingFor({ mesh }: CompiledMesh, proxy: MeshProxy): ReadonlyMap<string, string> {
  const { shared, own } = compileLayers(mesh, proxy, "parts");
  return new Map(
    [...shared.flat(), ...own].map((emitted) => {
      const { typeUrl, name, version, origins } = encodeResource(emitted);
      return [`${typeUrl} ${name}`, `${version} ${JSON.stringify(origins)}`];
    }),
  );
}

interface Answer {
  readonly proxy: MeshProxy;
  readonly found: ReadonlyMap<string, string>;
  /** The same files, which nobody has asked about. */
  readonly alone: () => CompiledMesh;
}

/** What the clients get that ask after each edit, in their order. */
function ask(moments: readonly { readonly edit: CrowdStep; readonly asking: readonly MeshProxy[] }[]) {
  let world = emptyWorld();
  let files: ReadonlyMap<string, string> = new Map();
  let settings: CrowdStep["meshConfig"];
  let joined: CompiledMesh | undefined;
  return moments.flatMap(({ edit, asking }): readonly Answer[] => {
    world = changeWorld(world, edit);
    files = applyEdit(files, edit);
    settings = edit.meshConfig ?? settings;
    const now = joinFiles(world.files, world.config, joined);
    joined = now;
    const texts = [...files]
      .map(([name, text]) => ({ name, text }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const input = { files: texts, ...(settings ? { meshConfig: settings } : {}) };
    const alone = () => compileMesh(input);
    return asking.map((proxy) => ({ proxy, found: everythingFor(now, proxy), alone }));
  });
}

test("each of a crowd gets what it would get alone", async (t) => {
  let resources = 0;
  const property = fc.asyncProperty(crowdHistory, async ([first, later]) => {
    for (const { proxy, found, alone } of ask([{ edit: first, asking: crowd }, ...later])) {
      t.deepEqual(found, everythingFor(alone(), proxy), proxy.id);
      resources += found.size;
    }
    // Within one turn of the loop nothing is forgotten.
    await turn();
  });
  await fc.assert(property, { numRuns: Number(process.env.FAIRLEAD_CROWD_RUNS ?? 20) });
  t.true(resources > 10_000, `only ${resources} resources were compared`);
});
