import test from "ava";
import {
  arrangedFrom,
  changesOf,
  differenceOf,
  editSorted,
  filterItems,
  groupItems,
  joinLists,
  mapItems,
  placesByKeys,
  rearranged,
  replaceItems,
} from "./lineage.ts";

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

test("several lists of a list may be replaced, in whatever order", (t) => {
  const parts = [[a], [b], [c]];
  joinLists(parts);
  const [first, last] = [0, 2].map((place) => replaceItems(parts[place] ?? [], new Map([[0, d]])));
  const replaced = replaceItems(
    parts,
    new Map([
      [2, last ?? []],
      [0, first ?? []],
    ]),
  );
  t.deepEqual(changesOf(replaced)?.places, [0, 2]);
  t.deepEqual(joinLists(replaced), [d, b, d]);
});

test("a filtered list knows what it came from, as long as the same places pass", (t) => {
  const [apple, avocado, almond, banana] = [
    named("apple"),
    named("avocado"),
    named("almond"),
    named("banana"),
  ];
  const onlyA = filterItems(({ id }: { readonly id: string }) => id.startsWith("a"));
  const list = [apple, banana, avocado, b];
  const first = onlyA(list);
  t.deepEqual(first, [apple, avocado]);
  t.is(onlyA(list), first);

  const later = onlyA(replaceItems(list, new Map([[2, almond]])));
  t.deepEqual(later, [apple, almond]);
  t.deepEqual(changesOf(later), { before: first, places: [1] });
  t.is(onlyA(replaceItems(list, new Map([[1, named("blueberry")]]))), first);

  const more = onlyA(replaceItems(list, new Map([[1, almond]])));
  t.deepEqual(more, [apple, almond, avocado]);
  t.is(changesOf(more), undefined);
});

test("a list that passes as a whole is itself", (t) => {
  const all = filterItems(() => true);
  const list = [a, b];
  t.is(all(list), list);
  const after = replaceItems(list, new Map([[1, c]]));
  t.is(all(after), after);
});

test("of a grouped list only the groups of replaced items are made anew", (t) => {
  const item = (key: string, id: string) => ({ key, id });
  const group = groupItems(({ key }: { readonly key: string }) => key);
  const list = [item("x", "1"), item("y", "2"), item("x", "3")];
  const first = group(list);
  t.is(group(list), first);
  t.deepEqual(first.keys, ["x", "y"]);
  t.deepEqual(first.lists, [[list[0], list[2]], [list[1]]]);

  const other = item("x", "4");
  const second = group(replaceItems(list, new Map([[2, other]])));
  t.is(second.keys, first.keys);
  t.deepEqual(second.lists, [[list[0], other], [list[1]]]);
  t.deepEqual(changesOf(second.lists), { before: first.lists, places: [0] });

  const moved = group(replaceItems(list, new Map([[2, item("y", "3")]])));
  t.deepEqual(
    moved.lists.map((items) => items.length),
    [1, 2],
  );
  t.is(changesOf(moved.lists), undefined);
});

test("of a list that items came to and went from, what was made of the others stays", (t) => {
  const made: string[] = [];
  const map = mapItems(({ id }: { readonly id: string }) => {
    made.push(id);
    return { name: id };
  });
  const [v, w, x, y, z] = [named("v"), named("w"), named("x"), named("y"), named("z")];
  const list = [v, w, x, y];
  const first = map(list);
  const second = map(rearranged(list, [v, x, z, y]));
  t.deepEqual(
    second.map(({ name }) => name),
    ["v", "x", "z", "y"],
  );
  t.is(second[0], first[0]);
  t.is(second[1], first[2]);
  t.is(second[3], first[3]);
  t.deepEqual(made, ["v", "w", "x", "y", "z"]);
  t.is(arrangedFrom(second), first);
});

test("of a long list without its first item nothing is made again", (t) => {
  let made = 0;
  const map = mapItems(({ id }: { readonly id: string }) => {
    made++;
    return { name: id };
  });
  const list = Array.from({ length: 200 }, (_, index) => named(`${index}`));
  map(list);
  map(rearranged(list, list.slice(1)));
  t.is(made, 200);
});

test("what a list has that it had not, and the other way round", (t) => {
  const [v, w, x, y, z] = [named("v"), named("w"), named("x"), named("y"), named("z")];
  const list = [v, w, x, y];
  t.deepEqual(differenceOf(rearranged(list, [z, w, y])), { before: list, come: [z], gone: [v, x] });
  t.deepEqual(differenceOf(rearranged(list, [v, w])), { before: list, come: [], gone: [x, y] });
  t.deepEqual(differenceOf(replaceItems(list, new Map([[1, z]]))), { before: list, come: [z], gone: [w] });
  t.is(differenceOf(list), undefined);
});

test("a sorted list is edited in order, and knows what it was", (t) => {
  const byId = (a: { readonly id: string }, b: { readonly id: string }) => a.id.localeCompare(b.id);
  const [a, b, c, d] = [named("a"), named("b"), named("c"), named("d")];
  const list = [b, c];
  const edited = editSorted(list, byId, [d, a], [c]);
  t.deepEqual(edited, [a, b, d]);
  t.is(arrangedFrom(edited), list);
  t.is(editSorted(list, byId, [a, d], [c]), edited);
  t.deepEqual(editSorted(list, byId, [a, d], [b]), [a, c, d]);
  const otherA = named("a");
  t.is(editSorted(list, byId, [otherA, d], [b])[0], otherA);
  t.deepEqual(editSorted(list, byId, [a, d, named("b")], [c]), [a, { id: "b" }, d]);
  const other = named("c");
  const replaced = editSorted(list, byId, [other], [c]);
  t.deepEqual(changesOf(replaced), { before: list, places: [1] });
  t.is(replaced[1], other);
  t.is(editSorted(list, byId, []), list);
  t.is(editSorted(list, byId, [], [a]), list);
  t.deepEqual(editSorted(list, byId, [a, other]), [a, b, other]);
  t.deepEqual(editSorted(list, byId, [], [b, c]), []);
});

test("lists of which one was rearranged are joined to one that was", (t) => {
  const [a, b, c] = [named("a"), named("b"), named("c")];
  const lists = [[a], [b]];
  const first = joinLists(lists);
  const second = joinLists(replaceItems(lists, new Map([[1, rearranged(lists[1] ?? [], [b, c])]])));
  t.deepEqual(second, [a, b, c]);
  t.is(arrangedFrom(second), first);
});

test("groups stay the lists that they were when others come or go", (t) => {
  const item = (key: string) => ({ key });
  const group = groupItems(({ key }: { readonly key: string }) => key);
  const list = [item("x"), item("y")];
  const first = group(list);
  const second = group(rearranged(list, [...list, item("x"), item("z")]));
  t.deepEqual(second.keys, ["x", "y", "z"]);
  t.is(second.lists[1], first.lists[1]);
  t.is(second.lists[0]?.length, 2);
});

test("an index of keys is the same for other items with the same keys", (t) => {
  const item = (...keys: readonly string[]) => ({ keys });
  const places = placesByKeys(({ keys }: { readonly keys: readonly string[] }) => keys);
  const list = [item("a", "b"), item(), item("b", "b")];
  const first = places(list);
  t.deepEqual(
    [...first],
    [
      ["a", [0]],
      ["b", [0, 2]],
    ],
  );
  t.is(places(replaceItems(list, new Map([[0, item("a", "b")]]))), first);
  t.deepEqual([...places(replaceItems(list, new Map([[1, item("a")]])))].at(0), ["a", [0, 1]]);
});
