// The child processes of a demo, ended with it in every way it can end: by `stop`, when this process exits, and, by a
// watchdog that notices the end of a pipe, when it is killed.

import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { closeSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pidFile } from "./leftovers.ts";

export interface Started {
  readonly child: ChildProcess;
  /** Where it writes its errors. */
  readonly logFile: string;
}

/** What became of a process that nobody told to end. */
export interface UnexpectedEnd {
  readonly name: string;
  readonly how: string;
  readonly logFile: string;
}

// Ends what the pid files name, as `leftovers.ts` does, when the standard input ends: that is when whoever started it is gone.
const watchdog = `
trap '' INT TERM HUP
cat >/dev/null
for file in "$1"/*.pid; do
  read -r pid <"$file" || continue
  tr '\\0' '\\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$1/" && kill -9 "$pid"
  rm -f "$file"
done
`;

export class ProcessGroup {
  readonly #folder: string;
  readonly #children = new Map<string, ChildProcess>();
  readonly #watchdog: ChildProcess;
  readonly #onExit = () => this.#killAll();
  readonly #report: (end: UnexpectedEnd) => void;
  #stopping = false;

  /** `folder` takes pid files and logs; every process must have it in an argument. */
  constructor(folder: string, report: (end: UnexpectedEnd) => void) {
    this.#folder = folder;
    this.#report = report;
    this.#watchdog = spawn("/bin/sh", ["-c", watchdog, "watchdog", folder], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    this.#watchdog.on("error", () => {});
    process.once("exit", this.#onExit);
  }

  /** `NAME.log` and `NAME.pid` are its files. Its standard input is a pipe that ends when this process does. */
  start(name: string, command: string, args: readonly string[], options: SpawnOptions = {}): Started {
    const logFile = join(this.#folder, `${name}.log`);
    const log = openSync(logFile, "w");
    const child = spawn(command, args, { ...options, stdio: ["pipe", "pipe", log] });
    closeSync(log);
    if (child.pid !== undefined) writeFileSync(pidFile(this.#folder, name), `${child.pid}\n`);
    this.#children.set(name, child);
    child.stdin?.on("error", () => {});
    child.once("error", (error) => this.#ended(name, error.message, logFile));
    child.once("exit", (code, signal) => this.#ended(name, signal ?? `exit code ${code}`, logFile));
    return { child, logFile };
  }

  /** Asks all to end, and ends by force, after two seconds, those that did not. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const children = [...this.#children.values()];
    for (const child of children) child.kill("SIGTERM");
    const ended = Promise.all(children.map(untilExit));
    await Promise.race([ended, sleep(2000, undefined, { ref: false })]);
    this.#killAll();
    await ended;
    this.#watchdog.kill("SIGKILL");
    process.off("exit", this.#onExit);
  }

  /** Also works in an `exit` handler, where nothing can be waited for. */
  #killAll(): void {
    this.#stopping = true;
    for (const [name, child] of this.#children) {
      child.kill("SIGKILL");
      rmSync(pidFile(this.#folder, name), { force: true });
    }
    this.#watchdog.kill("SIGKILL");
  }

  #ended(name: string, how: string, logFile: string): void {
    this.#children.delete(name);
    rmSync(pidFile(this.#folder, name), { force: true });
    // Ctrl-C reaches the whole foreground group: a child may be gone before we are told to stop.
    setTimeout(() => {
      if (!this.#stopping) this.#report({ name, how, logFile });
    }, 300).unref();
  }
}

function untilExit(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
    return Promise.resolve();
  return new Promise((resolve) => child.once("exit", () => resolve()));
}
