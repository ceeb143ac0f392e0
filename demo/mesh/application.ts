// One application of the demo as a process of its own.

import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ApplicationConfig } from "../app/index.ts";
import type { ProcessGroup } from "../processes/index.ts";
import { DemoFailed, endOfLog } from "./demo-failure.ts";

const main = fileURLToPath(new URL("../app/main.ts", import.meta.url));

/** Resolves once it listens. Throws a `DemoFailed` when it ends instead. */
export async function startApplication(
  name: string,
  config: ApplicationConfig,
  folder: string,
  processes: ProcessGroup,
): Promise<void> {
  const file = join(folder, `${name}.app.json`);
  await writeFile(file, JSON.stringify(config, null, 2));
  // Small heaps: there are six of them.
  const args = ["--max-old-space-size=64", main, file];
  const { child, logFile } = processes.start(`${name}.app`, process.execPath, args);
  const listening = child.stdout && once(child.stdout, "data").then(() => true);
  const ended = once(child, "exit").then(() => false);
  if (await Promise.race([listening, ended])) return;
  throw new DemoFailed(`the application ${name} has ended\n${await endOfLog(logFile)}`);
}
