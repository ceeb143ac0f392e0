import test from "ava";
import { resource, resourcesOf, snapshotOf } from "../testing/resources.ts";
import { typeUrls } from "./resource-types.ts";
import { changedNames, collectionOf, createSnapshot, endpointsNeeded } from "./snapshot.ts";

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
