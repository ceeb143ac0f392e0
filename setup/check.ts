// `npm run check [-- FILES] [-- --tap]`: format and lint, types, tests, in this order and all of them, warnings as errors.
// With FILES it runs these test files alone. With --tap it prints ava's TAP and ends with one line that counts everything.

import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { locateEnvoy } from "./envoy/locate.ts";
import { ROOT } from "./paths.ts";
import { addTapLine, EMPTY_TALLY, printTally, type Tally } from "./tally.ts";

const bin = `${ROOT}/node_modules/.bin`;
const options = { cwd: ROOT, env: { ...process.env, PATH: `${bin}:${process.env.PATH ?? ""}` } };
const args = process.argv.slice(2);
const asTap = args.includes("--tap");
const testArgs = args.filter((arg) => arg !== "--tap");

/** Runs one check to its end; whether it passed. Its output goes where ours goes. */
function passes(title: string, command: string, commandArgs: readonly string[]): boolean {
  process.stdout.write(`${asTap ? "# " : ""}${title}\n`);
  const run = spawnSync(`${bin}/${command}`, commandArgs, {
    ...options,
    stdio: ["ignore", "inherit", "inherit"],
  });
  return run.status === 0;
}

/** Runs ava under `--tap`, prints what it prints, and counts. */
async function countTests(): Promise<Tally> {
  const ava = spawn(`${bin}/ava`, ["--tap", ...testArgs], {
    ...options,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let tally = EMPTY_TALLY;
  const status = new Promise<number | null>((resolve) => ava.on("close", resolve));
  for await (const line of createInterface({ input: ava.stdout })) {
    process.stdout.write(`${line}\n`);
    tally = addTapLine(tally, line);
  }
  const failedUncounted = (await status) !== 0 && tally.failed === 0;
  return failedUncounted ? { ...tally, failed: 1 } : tally;
}

const envoy = locateEnvoy(process.env);
if ("problem" in envoy) {
  process.stderr.write(`${envoy.problem}\n`);
  process.exit(1);
}

let failedGates = 0;
if (testArgs.length === 0) {
  if (!passes("format and lint", "biome", ["check", "--error-on-warnings", "."])) failedGates++;
  if (!passes("types", "tsc", ["-p", "."])) failedGates++;
}
if (asTap) {
  const tests = await countTests();
  const tally = { ...tests, failed: tests.failed + failedGates };
  process.stdout.write(`${printTally(tally)}\n`);
  process.exitCode = tally.failed === 0 ? 0 : 1;
} else {
  const testsPass = passes("tests", "ava", testArgs);
  process.exitCode = testsPass && failedGates === 0 ? 0 : 1;
}
