import test from "ava";
import { arrangedFrom, changesOf, replaceItems } from "#immutable";
import { defaultMeshConfig as config } from "../model/mesh-config.ts";
import { keepLists } from "./kept-plans.ts";

interface Plan {
  readonly name: string;
}
const plan = (name: string): Plan => ({ name });
const [a, b, otherB, c] = [plan("a"), plan("b"), plan("b"), plan("c")];
const [here, there] = [{}, {}];

test("an equal list is the one from before, and one for all", (t) => {
  const keep = keepLists(({ name }: Plan) => name);
  const list = keep(config, here, "", [a, b]);
  t.is(keep(config, here, "", [a, b]), list);
  t.is(keep(config, there, "", [a, b]), list);
  t.not(keep(config, there, "another list", [a, b]), list);
});

test("a list with the same names comes from another's, in the places that differ", (t) => {
  const keep = keepLists(({ name }: Plan) => name);
  const list = keep(config, here, "", [a, b, c]);
  const other = keep(config, there, "", [a, otherB, c]);
  t.deepEqual(other, [a, otherB, c]);
  t.deepEqual(changesOf(other), { before: list, places: [1] });
  for (const unlike of [
    [a, c, b],
    [a, b],
  ]) {
    const kept = keep(config, there, "", unlike);
    t.is(kept, unlike);
    t.is(changesOf(kept), undefined);
    t.not(arrangedFrom(kept), undefined);
  }
});

test("who comes after a step gets what it led to, and not what was before", (t) => {
  const keep = keepLists(({ name }: Plan) => name);
  const before = keep(config, here, "", [a, b]);
  const after = keep(config, here, "", replaceItems(before, new Map([[1, otherB]])), before);
  t.is(keep(config, here, "", [a, otherB]), after);
  t.deepEqual(changesOf(keep(config, there, "", [a, b])), { before: after, places: [1] });
});
