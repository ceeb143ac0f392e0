// Policy that changes at random, over real Envoys: none refuses anything, and each comes to run with exactly what it should. In a hurry:
// changes come while others are under way, and the control plane ends and starts among them.
// FUZZ_LIVE_SEEDS=100 tells more stories, FUZZ_LIVE_FIRST others.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import test from "ava";
import { whatIsMissing } from "../transparent/namespaces.ts";
import type { LiveOrder, LiveReport } from "./live-orders.ts";

const missing = whatIsMissing(["ip", "unshare"]);
const program = fileURLToPath(new URL("./live-inside.ts", import.meta.url));
const first = Number(process.env.FUZZ_LIVE_FIRST ?? 1);
const count = Number(process.env.FUZZ_LIVE_SEEDS ?? 3);

async function runInside(order: LiveOrder): Promise<LiveReport> {
  const child = spawn("unshare", ["--net", process.execPath, program, JSON.stringify(order)], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const killWithUs = () => child.kill();
  process.once("exit", killWithUs);
  let errors = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  let report: LiveReport | undefined;
  child.on("message", (message: LiveReport) => {
    report = message;
  });
  await once(child, "close");
  process.off("exit", killWithUs);
  if (!report) throw new Error(`the mesh ended without a report:\n${errors}`);
  return report;
}

for (const [story, tables, pace] of [
  ["history", "parts", "one by one"],
  ["steps", "parts", "one by one"],
  ["steps", "whole", "one by one"],
  ["mutations", "parts", "one by one"],
  ["history", "parts", "in a hurry"],
  ["steps", "parts", "in a hurry"],
  ["steps", "whole", "in a hurry"],
] as const) {
  const title = `${story}, virtual hosts in ${tables}, ${pace}: nothing is refused, and everything arrives`;
  if (missing !== undefined) test.skip(`${title} (${missing})`, () => undefined);
  else {
    test.serial(title, async (t) => {
      t.timeout(1_800_000);
      const seeds = Array.from({ length: count }, (_, index) => first + index);
      const { changes, nacks, faults } = await runInside({
        story,
        tables,
        seeds,
        disturbed: pace === "in a hurry",
      });
      t.deepEqual(faults, []);
      t.deepEqual(nacks, []);
      t.true(changes > 3 * count);
      t.log(`${changes} changes over three Envoys`);
    });
  }
}
