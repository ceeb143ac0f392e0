import test from "ava";
import type { Figure } from "./benchmark.ts";
import { distributionOf } from "./distribution.ts";
import { holdAgainstTargets, renderSummary } from "./summary.ts";

const latency = (...samples: readonly number[]): Figure => ({
  name: "a change",
  unit: "ms",
  value: distributionOf(samples),
  target: "route to 1",
});

test("a figure within all of its limits meets its target, and one over any of them misses it", (t) => {
  const met = (figure: Figure) => holdAgainstTargets([figure]).map((each) => each.met);
  t.deepEqual(met(latency(5, 5, 10)), [true]);
  t.deepEqual(met(latency(5.1, 5.1, 10)), [false]);
  t.deepEqual(met(latency(5, 5, 10.1)), [false]);
  t.deepEqual(met({ name: "again", unit: "resources", value: 0, target: "clusters resent" }), [true]);
  t.deepEqual(met({ name: "again", unit: "resources", value: 1, target: "clusters resent" }), [false]);
});

test("what has no target is not in the summary; a target that was not measured is not met", (t) => {
  t.is(renderSummary(holdAgainstTargets([{ name: "other", unit: "ms", value: 1 }])), "");
  const odd: Figure = { name: "a change", unit: "ms", value: 1, target: "route to 1" };
  t.deepEqual(
    holdAgainstTargets([odd]).map(({ met }) => met),
    [false],
  );
});

test("the summary has target, measured and istiod's figures beside each other", (t) => {
  const text = renderSummary(holdAgainstTargets([latency(4, 12)]));
  t.regex(
    text,
    /VirtualService change → 1 client +4 \/ 12 ms +≤ 5 \/ 10 ms +MISSED +114 \/ 129 ms +12 \/ 25 ms/,
  );
});

test("what istiod takes in the same run stands beside its figures, with how much of it Fairlead takes", (t) => {
  const { target: rival, ...rest } = latency(20, 40);
  const istiod: Figure = { ...rest, ...(rival && { rival }) };
  const text = renderSummary(holdAgainstTargets([latency(4, 12), istiod]));
  t.regex(text, /istiod, here +of it\n/);
  t.regex(text, /12 \/ 25 ms +20 \/ 40 ms +0\.200\n/);
});
