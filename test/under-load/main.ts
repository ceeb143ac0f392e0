// `node setup/run.mjs test/under-load/main.ts --changes 1000`: the proof at full length, and what it found.

import { parseArgs } from "node:util";
import { runProof } from "./proof.ts";
import { renderReport } from "./report.ts";

const { values } = parseArgs({
  options: {
    changes: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    gap: { type: "string", default: "200" },
    factor: { type: "string", default: "1" },
    plane: { type: "string", default: "here" },
    net: { type: "string", default: "30" },
    only: { type: "string", default: "" },
  },
});

// Envoys are ended with this process, but not when it is killed without being asked.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

const result = await runProof({
  changes: Number(values.changes),
  seed: Number(values.seed),
  gapMs: Number(values.gap),
  factor: Number(values.factor),
  net: Number(values.net),
  plane: values.plane === "process" ? "process" : "here",
  only: values.only,
  say: (line) => process.stderr.write(`${line}\n`),
});
const { text, good } = renderReport(result);
process.stdout.write(text);
process.exitCode = good ? 0 : 1;
