// The tour of `fairlead demo --check`, against real Envoys. Takes about fifteen seconds on an idle machine.

import test from "ava";
import { createColors } from "picocolors";
import { runTour } from "#demo";

test("every promise of the tour is kept", async (t) => {
  t.timeout(120_000);
  const lines: string[] = [];
  const { passed, failed } = await runTour({
    version: "test",
    env: process.env,
    colors: createColors(false),
    print: (line) => lines.push(line),
  });
  t.deepEqual(failed, [], lines.join("\n"));
  t.true(passed >= 14);
});
