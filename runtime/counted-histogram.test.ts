import { Histogram, Registry } from "@prometheus-io/client";
import test from "ava";
import { CountedHistogram } from "./counted-histogram.ts";

const name = "pilot_time";
const help = 'Seconds, "really"\nand \\ more.';
const buckets = [0.01, 0.1, 1, 3];
const values = [0.01, 0.0100001, -1, 0, 3, 3.5, 1e9, 0.1, 0.2];

/** What a scrape says of the same observations by the library's histogram and by ours. */
async function bothSay(observations: readonly (readonly [number, string | undefined])[], label?: string) {
  const [theirs, ours] = [new Registry(), new Registry()];
  const labelNames = label === undefined ? [] : [label];
  const library = new Histogram<string>({ name, help, buckets, labelNames, registers: [theirs] });
  const counted = new CountedHistogram(ours, { name, help, buckets, ...(label !== undefined && { label }) });
  for (const [value, labelled] of observations) {
    if (label === undefined) library.observe(value);
    else library.observe({ [label]: labelled ?? "" }, value);
    counted.observe(value, labelled);
  }
  const say = async (registry: Registry) => ({
    text: await registry.metrics(),
    one: await registry.getSingleMetricAsString(name),
    json: await registry.getMetricsAsJSON(),
    written: JSON.stringify(await registry.getMetricsAsJSON("sum")),
  });
  return { theirs: await say(theirs), ours: await say(ours), registries: [theirs, ours] };
}

test("it looks like the library's, without a label", async (t) => {
  const { theirs, ours } = await bothSay(values.map((value) => [value, undefined]));
  t.deepEqual(ours, theirs);
  t.regex(ours.text, /^pilot_time_bucket\{le="3"\} 7$/m);
});

test("it looks like the library's, with a label, in the order in which values of it came", async (t) => {
  const labels = ["rds", "cds", 'a "quoted" \\ one', "cds"];
  const { theirs, ours } = await bothSay(
    values.map((value, index) => [value, labels[index % labels.length]]),
    "type",
  );
  t.deepEqual(ours, theirs);
  t.regex(ours.text, /^pilot_time_count\{type="cds"\} 4$/m);
});

test("it looks like the library's before anything is observed, and when all is forgotten", async (t) => {
  for (const label of [undefined, "type"]) {
    const { theirs, ours } = await bothSay([], label);
    t.deepEqual(ours, theirs);
    const { registries } = await bothSay([[1, "lds"]], label);
    for (const registry of registries) registry.resetMetrics();
    const [after, before] = await Promise.all(registries.map((registry) => registry.metrics()));
    t.is(after, before);
  }
});

test("what is no number is refused, and a name is taken once", (t) => {
  const registry = new Registry();
  const counted = new CountedHistogram(registry, { name, help, buckets });
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    t.throws(() => counted.observe(value), { instanceOf: TypeError });
  }
  t.throws(() => new CountedHistogram(registry, { name, help, buckets }), {
    message: /already been registered/,
  });
});
