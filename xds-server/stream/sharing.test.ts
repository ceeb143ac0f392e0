import test from "ava";
import { layeredMap, lookUp, namesIn, withEntries } from "#immutable";
import { collectionOf } from "../cache/snapshot.ts";
import { snapshotOf, typesByShortName } from "../testing/resources.ts";
import { withSharedMaps } from "./sharing.ts";
import { newTypeState, type TypeState } from "./type-state.ts";

const eds = typesByShortName.EDS ?? "";
const names = Array.from({ length: 100 }, (_, index) => `e${index}`);
const collection = collectionOf(snapshotOf({ EDS: Object.fromEntries(names.map((name) => [name, 1])) }), eds);

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
