import test from "ava";
import { resource, resourcesOf, snapshotOf } from "../testing/resources.ts";
import { typeUrls } from "./resource-types.ts";
import {
  changedNames,
  changeMembers,
  collectionOf,
  createSnapshot,
  endpointsNeeded,
  laySnapshot,
  membersOf,
  originOf,
  partsOf,
} from "./snapshot.ts";

const world = { CDS: { a: 1, b: 1 }, EDS: { a: 1 } };

test("equal content has an equal id, in whatever order it comes", (t) => {
  const one = createSnapshot(resourcesOf(world));
  const other = createSnapshot([...resourcesOf(world)].reverse());
  t.is(one.id, other.id);
  t.not(one.id, snapshotOf({ ...world, EDS: { a: 2 } }).id);
  t.not(snapshotOf({ CDS: { a: 1 } }).id, snapshotOf({ CDS: { b: 1 } }).id);
});

test("what has not changed is shared with the snapshot before", (t) => {
  const shared = resourcesOf(world);
  const one = createSnapshot(shared);
  const other = createSnapshot([...shared, resource("LDS", "l", 1)], one);
  t.is(collectionOf(one, typeUrls.cluster), collectionOf(other, typeUrls.cluster));
  t.is(createSnapshot(shared, one), one);
});

test("a layer on top of another base is another snapshot, and shares what lies on the same", (t) => {
  const own = [resource("CDS", "mine", 1)];
  const base = createSnapshot(resourcesOf(world));
  const one = laySnapshot(base, own);
  t.is(laySnapshot(base, own, one), one);
  const next = createSnapshot(resourcesOf({ ...world, EDS: { a: 2 } }), base);
  const other = laySnapshot(
    createSnapshot([...membersOf(collectionOf(base, typeUrls.cluster)), resource("EDS", "a", 2)], base),
    own,
    one,
  );
  t.not(other.id, one.id);
  t.is(collectionOf(other, typeUrls.cluster), collectionOf(one, typeUrls.cluster));
  t.is(collectionOf(other, typeUrls.endpoints).version, collectionOf(next, typeUrls.endpoints).version);
});

test("a layer's id says what it lies on and what is in it, and nothing of how it came about", (t) => {
  const bases = [world, { ...world, EDS: { a: 2 } }].map((each) => createSnapshot(resourcesOf(each)));
  const layers = [1, 2].map((v) => [resource("LDS", "l", v), resource("CDS", "mine", v)]);
  const idOf = (base: (typeof bases)[number], own: (typeof layers)[number]) => laySnapshot(base, own).id;
  const ids = bases.flatMap((base) => layers.map((own) => idOf(base, own)));
  t.is(new Set(ids).size, 4);
  for (const id of ids) t.regex(id, /^[0-9a-f]{20}$/);
  const again = bases.flatMap((base) =>
    layers.map((own) => idOf(createSnapshot(membersOfAll(base)), own.toReversed())),
  );
  t.deepEqual(again, ids);
});

function membersOfAll({ collections }: ReturnType<typeof createSnapshot>) {
  return [...collections.values()].flatMap(membersOf);
}

test("the members of a layered collection are those below and its own, each list as it is", (t) => {
  const base = createSnapshot(resourcesOf(world));
  const own = [resource("CDS", "Mine", 1)];
  const below = membersOf(collectionOf(base, typeUrls.cluster));
  const laid = membersOf(collectionOf(laySnapshot(base, own), typeUrls.cluster));
  t.deepEqual(laid, [...below, ...own]);
  t.is(partsOf(laid)[0], below);
  const hiding = membersOf(collectionOf(laySnapshot(base, [resource("CDS", "a", 2)]), typeUrls.cluster));
  t.deepEqual(
    hiding.map(({ name }) => name),
    ["a", "b"],
  );
});

test("a collection knows in what it came from another one", (t) => {
  const before = collectionOf(snapshotOf({ CDS: { a: 1, b: 1, c: 1 } }), typeUrls.cluster);
  const after = changeMembers(before, [resource("CDS", "b", 2), resource("CDS", "c", 1)]);
  t.is(originOf(after)?.before, before);
  t.deepEqual(originOf(after)?.names, ["b"]);
  t.is(originOf(before), undefined);
});

test("a collection in which resources came and went is the one that is made of what it has then", (t) => {
  const clusters = { a: { v: 1, endpoints: "of a" }, c: 1, d: { v: 1, endpoints: "of d" }, f: 1 };
  const before = collectionOf(snapshotOf({ CDS: clusters }), typeUrls.cluster);
  t.deepEqual([...endpointsNeeded(before)], ["of a", "c", "of d", "f"]);
  const come = collectionOf(
    snapshotOf({ CDS: { b: { v: 1, endpoints: "of b" }, c: 2, f: 1, g: 1 } }),
    typeUrls.cluster,
  );
  const after = changeMembers(before, membersOf(come), ["d"]);
  const { a: first } = clusters;
  const anew = collectionOf(
    snapshotOf({ CDS: { a: first, b: { v: 1, endpoints: "of b" }, c: 2, f: 1, g: 1 } }),
    typeUrls.cluster,
  );
  t.is(after.version, anew.version);
  t.deepEqual([...after.resources.keys()], [...anew.resources.keys()]);
  t.deepEqual([...endpointsNeeded(after)], [...endpointsNeeded(anew)]);
  t.deepEqual([...changedNames(before, after)].sort(), ["b", "c", "d", "g"]);
  t.false(originOf(after)?.sameNames);
  t.is(changeMembers(before, [], []), before);
  t.deepEqual([...endpointsNeeded(changeMembers(before, [], ["d"]))], ["of a", "c", "f"]);
});

test("changed names are those added, changed and gone", (t) => {
  const before = collectionOf(snapshotOf({ CDS: { a: 1, b: 1, c: 1 } }), typeUrls.cluster);
  const after = collectionOf(snapshotOf({ CDS: { a: 1, b: 2, d: 1 } }), typeUrls.cluster);
  t.deepEqual([...changedNames(before, after)].sort(), ["b", "c", "d"]);
  t.is(changedNames(before, after), changedNames(before, after));
  t.deepEqual(changedNames(before, before), []);
});

test("two resources of one name are our mistake", (t) => {
  t.throws(() => createSnapshot([resource("CDS", "a", 1), resource("CDS", "a", 2)]), {
    message: /two resources of .*Cluster are named a/,
  });
});

test("the endpoints needed are those of the EDS clusters", (t) => {
  const clusters = { a: 1, b: { v: 1, endpoints: "shared" }, c: { v: 1, endpoints: "static" } };
  const collection = collectionOf(snapshotOf({ CDS: clusters }), typeUrls.cluster);
  t.deepEqual([...endpointsNeeded(collection)], ["a", "shared"]);
});
