import test from "ava";
import { layeredMap, lookUp, namesIn, withEntries } from "#immutable";
import { changeMembers, collectionOf, laySnapshot, membersOf } from "../cache/snapshot.ts";
import { resource, snapshotOf, typesByShortName } from "../testing/resources.ts";
import {
  askedAsWhole,
  everyName,
  heldAfter,
  namesOf,
  versionsIn,
  withNames,
  withoutNames,
  withSharedMaps,
} from "./sharing.ts";
import { newTypeState, type TypeState } from "./type-state.ts";

const eds = typesByShortName.EDS ?? "";
const names = Array.from({ length: 100 }, (_, index) => `e${index}`);
const collection = collectionOf(snapshotOf({ EDS: Object.fromEntries(names.map((name) => [name, 1])) }), eds);

/** Another version of one of them. */
const after = changeMembers(collection, [resource("EDS", "e7", 2)]);

/** A client with these names, as it would have them from its own requests. */
function client(subscribed: readonly string[]): TypeState {
  const version = (name: string) => collection.resources.get(name)?.version ?? "another";
  return {
    ...newTypeState(eds),
    subscription: { wildcard: false, names: layeredMap(new Map(subscribed.map((name) => [name, true]))) },
    held: layeredMap(new Map(subscribed.map((name) => [name, version(name)]))),
  };
}

test("clients with the same resources share what they are remembered by", (t) => {
  const [one, other] = [client(names), client(names)].map((each) => withSharedMaps(each, collection));
  t.is(one?.held.base, other?.held.base);
  t.is(one?.subscription.names.base, other?.subscription.names.base);
  t.is(one?.held.layer.size, 0);
});

test("after one came and one went, whoever asks for all there is then has its names", (t) => {
  namesOf(collection);
  const other = changeMembers(collection, [resource("EDS", "new", 1)], ["e7"]);
  const asked = [...names.filter((name) => name !== "e7"), "new"].sort();
  t.deepEqual([...namesIn(namesOf(other))].sort(), asked);
  t.is(namesOf(other).base, namesOf(collection).base);
  t.deepEqual(askedAsWhole(asked, other)?.list, asked);
  t.is(askedAsWhole(names, other), undefined);
});

test("what is different about a client is kept, and too different a client keeps its own", (t) => {
  const mostly = client([...names.slice(3), "own"]);
  const shared = withSharedMaps(mostly, collection);
  t.deepEqual([...namesIn(shared.held)].sort(), [...namesIn(mostly.held)].sort());
  t.is(lookUp(shared.held, "own"), "another");
  t.is(shared.held.layer.size, 4);
  const half = client(names.slice(50));
  t.is(withSharedMaps(half, collection), half);
});

test("a map that has drifted off its base comes back to one", (t) => {
  const shared = withSharedMaps(client(names), collection);
  const changes = names.map((name) => [name, "changed"] as const);
  const drifted = { ...shared, held: withEntries(shared.held, changes) };
  t.not(drifted.held.base, shared.held.base);
  const back = { ...drifted, held: withEntries(drifted.held, [...shared.held.base]) };
  t.is(withSharedMaps(back, collection).held.base, shared.held.base);
});

test("whoever has everything has one map, and after a change the next one", (t) => {
  const [one, other] = [client(names), client(names)].map((each) => withSharedMaps(each, collection).held);
  t.is(one, versionsIn(collection));
  t.is(other, one);
  const changed = membersOf(after).filter(({ name }) => name === "e7");
  t.is(heldAfter(versionsIn(collection), after, changed, []), versionsIn(after));
  t.is(lookUp(versionsIn(after), "e7"), changed[0]?.version);
  t.is(versionsIn(after).base, versionsIn(collection).base, "only what is other is kept of it");
  const [another] = membersOf(after);
  const partly = heldAfter(versionsIn(collection), after, another ? [another] : [], []);
  t.not(partly, versionsIn(after), "what was sent instead does not bring the change");
  t.not(lookUp(partly, "e7"), changed[0]?.version);
});

test("a client that has something else instead of one does not have everything", (t) => {
  const almost = client([...names.slice(1), "own"]);
  const held = withEntries(versionsIn(collection), [
    ["e0", undefined],
    ["own", "another"],
  ]);
  t.is(held.size, collection.resources.size);
  t.deepEqual(
    [...namesIn(withSharedMaps({ ...almost, held }, collection).held)].sort(),
    [...namesIn(held)].sort(),
  );
});

test("everybody who is due everything has one set of names, and who is sent it has none left", (t) => {
  const due = withNames(new Set(), names.toReversed(), collection);
  t.is(due, everyName(collection));
  t.is(everyName(after), due, "a change of versions leaves the names");
  t.is(withoutNames(due, membersOf(collection), collection).size, 0);
  t.is(withoutNames(due, membersOf(collection).slice(1), collection).size, 1);
  const others = withNames(new Set(), [...names.slice(1), "own"], collection);
  t.deepEqual([...others].sort(), [...names.slice(1), "own"].sort());
});

test("of what lies on another collection, the names are those of both, each once", (t) => {
  const base = snapshotOf({ EDS: { a: 1, b: 1 } });
  const own = [resource("EDS", "own", 1), resource("EDS", "a", 2)];
  const layered = collectionOf(laySnapshot(base, own), eds);
  t.deepEqual([...everyName(layered)].sort(), ["a", "b", "own"]);
  t.is(everyName(layered), everyName(layered));
  t.deepEqual([...everyName(collectionOf(base, eds))].sort(), ["a", "b"]);
});

test("whoever asks for everything by name has one map of names from the first request on", (t) => {
  const whole = askedAsWhole(names, collection);
  t.is(askedAsWhole(names.toReversed(), collection), whole);
  t.is(askedAsWhole(names, after), whole, "a change of versions leaves the names");
  t.deepEqual([...namesIn(whole?.names ?? layeredMap())].sort(), names.toSorted());
  t.deepEqual(whole?.list.toSorted(), names.toSorted());
  t.is(withNames(new Set(), whole?.list ?? [], collection), everyName(collection));
  t.is(askedAsWhole(names.slice(1), collection), undefined);
  t.is(askedAsWhole(whole?.list ?? [], collection), whole, "in the same order");
  t.is(askedAsWhole(["x0", ...(whole?.list.slice(1) ?? [])], collection), undefined);
  const layered = collectionOf(laySnapshot(snapshotOf({}), [resource("EDS", "own", 1)]), eds);
  t.is(askedAsWhole(["own"], layered), undefined, "nobody else has it");
  t.is(askedAsWhole([...names.slice(1), "own"], collection), undefined);
  t.is(askedAsWhole([...names.slice(1), "e5"], collection), undefined, "one twice and one not at all");
});
