// Keeps the server and its clients on cores of their own, as on machines of their own: left alone, the system's scheduler wakes the
// process of the clients on the core of the server that has just written to it, where it then waits. Linux, by `taskset`.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The first core is the server's. */
export const serverCore = 0;
export const clientCore = 1;

/** `main`: the first thread alone, so that V8 collects and compiles where there is time. Rejects where there is no `taskset`. */
export async function bindToCore(pid: number, core: number, threads: "main" | "all"): Promise<void> {
  await run("taskset", [threads === "all" ? "-acp" : "-cp", `${core}`, `${pid}`]);
}
