import test from "ava";
import { type Observation, Tally } from "./tally.ts";

const routes = [
  { name: "reviews", versions: ["v1", "v2", "v3"] },
  { name: "ratings", versions: ["v1"] },
];

const seen = (over: Partial<Observation>): Observation => ({
  at: 1000,
  route: "reviews",
  version: "v1",
  ok: true,
  ms: 5,
  ...over,
});

test("counts by route and version; who gets nothing is a zero, not missing", (t) => {
  const tally = new Tally(5000, routes);
  tally.add([seen({}), seen({}), seen({ version: "v2" }), seen({ route: "ratings" })]);
  const [reviews, ratings] = tally.read(1000);
  t.deepEqual(reviews?.versions, [
    { version: "v1", count: 2 },
    { version: "v2", count: 1 },
    { version: "v3", count: 0 },
  ]);
  t.is(ratings?.total, 1);
});

test("what is older than the window no longer counts", (t) => {
  const tally = new Tally(5000, routes);
  tally.add([seen({ at: 1000 }), seen({ at: 3000 })]);
  t.is(tally.read(5999)[0]?.total, 2);
  t.is(tally.read(6000)[0]?.total, 1);
  t.is(tally.read(8000)[0]?.total, 0);
});

test("a failure without an answer counts for the route and for no version", (t) => {
  const tally = new Tally(5000, routes);
  const { version: _, ...unanswered } = seen({ ok: false });
  tally.add([seen({}), unanswered]);
  const [reviews] = tally.read(1000);
  t.is(reviews?.total, 2);
  t.is(reviews?.ok, 1);
  t.is(
    reviews?.versions.reduce((sum, { count }) => sum + count, 0),
    1,
  );
});

test("a version that nobody knew of appears", (t) => {
  const tally = new Tally(5000, routes);
  tally.add([seen({ version: "v4" })]);
  t.is(tally.read(1000)[0]?.versions.at(-1)?.version, "v4");
});

test("latencies are quantiles, and absent without requests", (t) => {
  const tally = new Tally(5000, routes);
  tally.add(Array.from({ length: 100 }, (_, index) => seen({ ms: 100 - index })));
  const [reviews, ratings] = tally.read(1000);
  t.is(reviews?.p50, 50);
  t.is(reviews?.p99, 99);
  t.is(ratings?.p50, undefined);
});
