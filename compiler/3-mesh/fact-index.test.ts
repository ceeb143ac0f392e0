import test from "ava";
import { changesOf } from "#immutable";
import { compileMesh } from "../compile.ts";
import type { Fact } from "../model/fact.ts";
import { object } from "../testing/world.ts";
import { changeFacts, indexFacts } from "./fact-index.ts";

/** The route sets of some VirtualServices, each `name host` or `name host creation-time`. */
function routesOf(...objects: readonly string[]): readonly Fact[] {
  const text = objects.map((each) => {
    const [name = "", host = "", created] = each.split(" ");
    const spec = `{hosts: [${host}], http: [{route: [{destination: {host: ${host}}}]}]}`;
    return object("VirtualService", name, spec).replace(
      "metadata: {",
      created === undefined ? "metadata: {" : `metadata: {creationTimestamp: "${created}", `,
    );
  });
  const { mesh } = compileMesh({ files: [{ name: "routes.yaml", text: text.join("") }] });
  return mesh.routeSets.map((value) => ({ type: "routes", value }));
}

const byName = (facts: readonly Fact[], ...names: readonly string[]) =>
  facts.filter(({ value }) => "name" in value && names.includes(value.name));

const before = routesOf("a one.com", "b two.com", "c three.com");
const index = indexFacts(before);

test("new versions of objects stand where the old ones stood, and the list knows", (t) => {
  const after = routesOf("a one.com", "b other.com", "c another.com");
  const changed = changeFacts(index, byName(before, "b", "c"), byName(after, "c", "b"));
  t.deepEqual(changed.routes, indexFacts([...byName(before, "a"), ...byName(after, "b", "c")]).routes);
  t.deepEqual(changesOf(changed.routes), { before: index.routes, places: [1, 2] });
  t.is(changed.service, index.service);
});

for (const [title, gone, come] of [
  ["a new object", [], byName(routesOf("d four.com"), "d")],
  ["an object that is gone", byName(before, "b"), []],
  ["another object in its place", byName(before, "b"), byName(routesOf("bb two.com"), "bb")],
  ["an object that is older now", byName(before, "b"), routesOf("b two.com 2024-01-01T00:00:00Z")],
] satisfies readonly [string, readonly Fact[], readonly Fact[]][]) {
  test(`a list is made anew for ${title}`, (t) => {
    const changed = changeFacts(index, gone, come);
    const facts = [...before.filter((fact) => !gone.includes(fact)), ...come];
    t.deepEqual(changed.routes, indexFacts(facts).routes);
    t.is(changesOf(changed.routes), undefined);
  });
}
