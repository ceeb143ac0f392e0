// Envoy as a command: finds the binary, and stands aside while it runs.

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { locateEnvoy } from "#setup";
import { CommandFailed, type ExitCode, exitCodes, UsageError } from "../exit.ts";
import type { Terminal } from "../terminal.ts";

/** Prints where Envoy is, or runs it on this process's own streams and ends as it does. */
export async function runEnvoy(
  args: readonly string[],
  pathOnly: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  if (pathOnly && args.length > 0)
    throw new UsageError("--path prints where Envoy is and takes no arguments for it");
  if (!pathOnly && args.length === 0) {
    throw new UsageError("nothing to do: `fairlead envoy --path`, or `fairlead envoy -- ARGS` to run it");
  }
  const found = locateEnvoy(terminal.env);
  if ("problem" in found) throw new CommandFailed(found.problem);
  if (pathOnly) {
    terminal.out(`${found.path}\n`);
    terminal.err(`${found.why}\n`);
    return exitCodes.ok;
  }
  return run(found.path, args);
}

const passedOn = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

function run(path: string, args: readonly string[]): Promise<ExitCode> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, { stdio: "inherit" });
    const pass = (signal: NodeJS.Signals) => child.kill(signal);
    for (const signal of passedOn) process.on(signal, pass);
    const end = () => {
      for (const signal of passedOn) process.off(signal, pass);
    };
    child.on("error", (error) => {
      end();
      reject(new CommandFailed(`${path} cannot be run: ${error.message}`));
    });
    child.on("exit", (code, signal) => {
      end();
      // As shells say it: 128 and the number of the signal.
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
