import test from "ava";
import { changesOf, joinLists, mapItems, replaceItems } from "./lineage.ts";

const named = (id: string) => ({ id });
const [a, b, c, d] = [named("a"), named("b"), named("c"), named("d")];

test("a list with replaced items knows where, and the same replacements give the same list", (t) => {
  const list = [a, b, c];
  const after = replaceItems(list, new Map([[1, d]]));
  t.deepEqual(after, [a, d, c]);
  t.deepEqual(changesOf(after), { before: list, places: [1] });
  t.is(replaceItems(list, new Map([[1, d]])), after);
  t.not(replaceItems(list, new Map([[2, d]])), after);
  t.is(replaceItems(list, new Map([[1, b]])), list);
  t.is(changesOf(list), undefined);
});

test("of a mapped list only the replaced items are made anew", (t) => {
  const made: string[] = [];
  const map = mapItems(({ id }: { readonly id: string }) => {
    made.push(id);
    return { name: id };
  });
  const list = [a, b, c];
  const first = map(list);
  t.is(map(list), first);
  const after = replaceItems(list, new Map([[2, d]]));
  const second = map(after);
  t.deepEqual(
    second.map(({ name }) => name),
    ["a", "b", "d"],
  );
  t.is(second[0], first[0]);
  t.deepEqual(made, ["a", "b", "c", "d"]);
  t.deepEqual(changesOf(second), { before: first, places: [2] });
});

test("joined lists have the changes of their parts, in their own places", (t) => {
  const parts: readonly (readonly { readonly id: string }[])[] = [[a, b], [], [c]];
  const all = joinLists(parts);
  t.deepEqual(all, [a, b, c]);
  const last = replaceItems(parts[2] ?? [], new Map([[0, d]]));
  const after = joinLists(replaceItems(parts, new Map([[2, last]])));
  t.deepEqual(after, [a, b, d]);
  t.deepEqual(changesOf(after), { before: all, places: [2] });
});

test("a part that was made as a whole makes the whole anew", (t) => {
  const parts = [[a], [b]];
  joinLists(parts);
  const after = joinLists(replaceItems(parts, new Map([[1, [b, b]]])));
  t.deepEqual(after, [a, b, b]);
  t.is(changesOf(after), undefined);
});
