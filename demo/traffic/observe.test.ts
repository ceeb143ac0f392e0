import test from "ava";
import type { Answer } from "../app/index.ts";
import { knownRoutes, observe, tester } from "./observe.ts";

const page = { status: 200, body: "", ms: 9 };
const answer: Answer = {
  service: "productpage",
  version: "v1",
  calls: [
    { to: "details", status: 503, ms: 1, error: "no healthy upstream" },
    {
      to: "reviews",
      status: 200,
      ms: 4,
      answer: {
        service: "reviews",
        version: "v3",
        calls: [
          { to: "ratings", status: 200, ms: 2, answer: { service: "ratings", version: "v1", calls: [] } },
        ],
      },
    },
  ],
};

test("one observation per call, however deep", (t) => {
  t.deepEqual(observe(page, answer, {}, 7), [
    { at: 7, route: "productpage", version: "v1", ok: true, ms: 9 },
    { at: 7, route: "details", ok: false, ms: 1 },
    { at: 7, route: "reviews", version: "v3", ok: true, ms: 4 },
    { at: 7, route: "ratings", version: "v1", ok: true, ms: 2 },
  ]);
});

test("the tester's reviews are a route of their own, and a known one", (t) => {
  const [, , reviews] = observe(page, answer, tester, 7);
  const known = knownRoutes([
    { service: "reviews", version: "v2" },
    { service: "reviews", version: "v1" },
  ]);
  t.deepEqual(
    known.find(({ name }) => name === reviews?.route),
    { name: "reviews, end-user: jason", versions: ["v1", "v2"] },
  );
});

test("a page that no application answered is a failure of the page alone", (t) => {
  t.deepEqual(observe({ status: 404, body: "", ms: 1 }, undefined, {}, 7), [
    { at: 7, route: "productpage", ok: false, ms: 1 },
  ]);
});
