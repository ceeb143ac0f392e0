// Fairlead as a process of its own, for what only a process shows: exit codes, streams, signals, ports.

import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ExecutionContext } from "ava";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));

export interface Child {
  readonly process: ChildProcess;
  out(): string;
  err(): string;
  /** Resolves when the messages match; rejects when the process ends before, or after 20 s. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** Starts it with plain output; it is killed at the end of the test. */
export function startFairlead(
  t: ExecutionContext,
  argv: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Child {
  const child = spawn(process.execPath, [main, ...argv], {
    cwd: options.cwd,
    env: { ...process.env, FORCE_COLOR: undefined, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  const waiting = new Set<() => void>();
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
    for (const look of waiting) look();
  });
  const ended = new Promise<number | string>((resolve) => {
    child.once("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });
  t.teardown(() => child.kill("SIGKILL"));
  const says = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`${why} without saying ${pattern}:\n${err}`));
      const timer = setTimeout(() => fail("20 s passed"), 20_000);
      const look = () => {
        const found = pattern.exec(err);
        if (!found) return;
        waiting.delete(look);
        clearTimeout(timer);
        resolve(found);
      };
      waiting.add(look);
      ended.then((code) => {
        clearTimeout(timer);
        fail(`it ended (${code})`);
      });
      look();
    });
  return { process: child, out: () => out, err: () => err, says, ended };
}

/** Runs it to its end. */
export async function runFairlead(
  t: ExecutionContext,
  argv: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<{ readonly code: number | string; readonly out: string; readonly err: string }> {
  const child = startFairlead(t, argv, options);
  const code = await child.ended;
  return { code, out: child.out(), err: child.err() };
}
