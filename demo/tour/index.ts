// The scripted tour: brings up the demo mesh on a copy of the example, puts every promise to the test, and cleans up.

import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { createColors } from "picocolors";
import type { Env } from "#setup";
import { Landings, modifiedAt } from "../changes/index.ts";
import { bookinfo, copyExample, type DemoMesh, startDemoMesh } from "../mesh/index.ts";
import { freeNetwork } from "./network.ts";
import { NotAsPromised } from "./promise.ts";
import type { Step } from "./step.ts";
import { steps } from "./steps/index.ts";
import { LandedChanges, openTour, type Tour } from "./tour.ts";

export interface TourOptions {
  readonly version: string;
  readonly env: Env;
  readonly colors: ReturnType<typeof createColors>;
  /** Whole lines, without their end. */
  print(line: string): void;
}

export interface TourResult {
  readonly passed: number;
  readonly failed: readonly { readonly title: string; readonly seen: string }[];
}

/** Takes about half a minute, uses addresses and ports that are free, and leaves nothing behind. Throws a `DemoFailed`. */
export async function runTour(options: TourOptions): Promise<TourResult> {
  const { colors, print } = options;
  const folder = await mkdtemp(join(tmpdir(), "fairlead-tour-"));
  const started = performance.now();
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  // Should the process be told to exit in the middle of it.
  process.once("exit", removeFolder);
  let mesh: DemoMesh | undefined;
  try {
    const example = await copyExample(bookinfo, join(folder, "bookinfo"), await freeNetwork());
    const landed = new LandedChanges();
    const landings = new Landings({ now: Date.now, savedAt: modifiedAt, report: (each) => landed.add(each) });
    mesh = await startDemoMesh({
      example,
      stateDir: join(folder, "state"),
      version: options.version,
      env: options.env,
      anyPorts: true,
      say: (line) => print(colors.dim(line)),
      onStatus: (event) => landings.status(event),
      onChange: (change) => landings.changed(change, mesh?.plane.server.clients() ?? []),
    });
    const result = await runSteps(openTour(mesh, example, landed), options);
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    const summary = `${result.passed} of ${steps.length} promises kept, in ${seconds} s`;
    print(result.failed.length === 0 ? colors.green(summary) : colors.red(summary));
    return result;
  } finally {
    await mesh?.stop();
    process.off("exit", removeFolder);
    removeFolder();
  }
}

async function runSteps(tour: Tour, { colors, print }: TourOptions): Promise<TourResult> {
  const failed: { title: string; seen: string }[] = [];
  for (const step of steps) {
    const { ok, seen } = await outcomeOf(step, tour);
    if (!ok) failed.push({ title: step.title, seen });
    print(`${ok ? colors.green("✓") : colors.red("✗")} ${step.title}`);
    print(`    ${ok ? colors.dim(seen) : colors.red(seen)}`);
  }
  return { passed: steps.length - failed.length, failed };
}

async function outcomeOf(step: Step, tour: Tour): Promise<{ readonly ok: boolean; readonly seen: string }> {
  try {
    return { ok: true, seen: await step.run(tour) };
  } catch (error) {
    if (error instanceof NotAsPromised) return { ok: false, seen: error.message };
    return { ok: false, seen: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
