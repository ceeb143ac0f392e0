import test from "ava";
import { collectionOf, laySnapshot, membersOf } from "../cache/snapshot.ts";
import { resource, snapshotOf, typesByShortName } from "../testing/resources.ts";
import { newTypeState } from "./type-state.ts";
import {
  clustersRefused,
  endpointsAnswered,
  isWarming,
  namesOf,
  neededWarming,
  startWarming,
  stopWarming,
} from "./warming.ts";

const cds = typesByShortName.CDS ?? "";
const base = snapshotOf({
  CDS: { a: 1, b: { v: 1, endpoints: "shared" }, c: { v: 1, endpoints: "static" } },
});
const clusters = membersOf(collectionOf(base, cds));
const started = startWarming([], clusters, { since: 10, after: 1 });

/** A response of these load assignments, or clusters. */
function response(nonce: number, resources: readonly ReturnType<typeof resource>[]) {
  const { held, doubtful } = newTypeState(cds);
  const before = { held, doubtful };
  return { nonce: String(nonce), snapshotId: "s", resources, removed: [], before, sentAt: 0, overdue: false };
}

const endpoints = (nonce: number, ...names: readonly string[]) =>
  response(
    nonce,
    names.map((name) => resource("EDS", name, 1)),
  );

test("a cluster waits for its own endpoints, sent after it", (t) => {
  t.deepEqual(namesOf(started), ["a", "shared"]);
  t.is(
    endpointsAnswered(started, endpoints(1, "a", "shared")).flatMap(({ clusters }) => clusters.size)[0],
    2,
  );
  const one = endpointsAnswered(started, endpoints(2, "a"));
  t.deepEqual(namesOf(one), ["shared"]);
  t.deepEqual(namesOf(endpointsAnswered(started, endpoints(2, "a", "other", "more"))), ["shared"]);
  t.deepEqual(endpointsAnswered(one, endpoints(3, "shared", "a")), []);
  const all = endpoints(2, "shared", "other", "a");
  t.deepEqual(endpointsAnswered(started, all), []);
  t.deepEqual(namesOf(endpointsAnswered(started, endpoints(2, "more", "other", "a"))), ["shared"]);
  t.deepEqual(endpointsAnswered(started, all), [], "as somebody else is sent it");
});

test("a cluster sent again waits anew, and the others go on waiting", (t) => {
  const again = startWarming(started, [resource("CDS", "a", 2)], { since: 20, after: 5 });
  t.deepEqual(
    again.map(({ since, after, clusters }) => [since, after, clusters.size]),
    [
      [10, 1, 1],
      [20, 5, 1],
    ],
  );
  t.deepEqual(namesOf(endpointsAnswered(again, endpoints(4, "a", "shared"))), ["a"]);
  t.deepEqual(endpointsAnswered(again, endpoints(6, "a", "shared")), []);
  t.is(
    startWarming(started, [resource("CDS", "c", { v: 2, endpoints: "static" })], { since: 20, after: 5 }),
    started,
  );
});

test("what is withdrawn or refused is not waited for", (t) => {
  t.deepEqual(namesOf(stopWarming(started, ["b"])), ["a"]);
  t.is(stopWarming(started, []), started);
  t.deepEqual(namesOf(clustersRefused(started, response(1, [resource("CDS", "a", 1)]))), ["shared"]);
  t.deepEqual(neededWarming({ warming: started, snapshot: snapshotOf({ CDS: { a: 1 } }) }), ["a"]);
  t.false(isWarming({ warming: started, snapshot: snapshotOf({ CDS: { d: 1 } }) }));
});

test("a crowd that is sent the same has one map of it, and what is a client's own is added", (t) => {
  const layered = (name: string) =>
    membersOf(collectionOf(laySnapshot(base, [resource("CDS", name, 1)]), cds));
  const [one, other] = ["mine", "theirs"].map((name) =>
    startWarming([], layered(name), { since: 1, after: 1 }),
  );
  t.is(one?.[0]?.clusters.base, other?.[0]?.clusters.base);
  t.deepEqual(namesOf(one ?? []), ["a", "shared", "mine"]);
  t.deepEqual(namesOf(other ?? []), ["a", "shared", "theirs"]);
});
