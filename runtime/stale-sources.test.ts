import test from "ava";
import { createLogger } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { createStaleSources } from "./stale-sources.ts";

test("a source is stale from its first problem until it recovers, and the number is a metric", async (t) => {
  const lines: string[] = [];
  const metrics = createMetrics("test");
  let now = 1000;
  const stale = createStaleSources(
    createLogger("json", "debug", (line) => lines.push(line)),
    metrics,
    () => now,
  );
  const metric = async () => /^fairlead_stale_sources (\d+)$/m.exec(await metrics.registry.metrics())?.[1];
  t.is(await metric(), "0");
  stale.onProblem({ name: "policy", message: "does not exist" });
  now = 2000;
  stale.onProblem({ name: "policy", message: "permission denied" });
  stale.onProblem({ name: "a.yaml", message: "is empty" });
  t.deepEqual(stale.list(), [
    { name: "a.yaml", message: "is empty", since: 2000 },
    { name: "policy", message: "permission denied", since: 1000 },
  ]);
  t.is(await metric(), "2");
  stale.onRecovered("policy");
  stale.onRecovered("never heard of");
  t.deepEqual(
    stale.list().map(({ name }) => name),
    ["a.yaml"],
  );
  t.is(await metric(), "1");
  t.is(lines.filter((line) => line.includes("can be read again")).length, 1);
});
