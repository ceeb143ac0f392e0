// `fairlead demo`: a mesh of real Envoys on this machine, to see and to try what policy files do.

import { join } from "node:path";
import { InvalidArgumentError, Option } from "commander";
import { type CommandContext, type DeclareCommand, newCommand } from "../command.ts";
import { CommandFailed, type ExitCode, exitCodes } from "../exit.ts";
import { defaultStateDir } from "../options/state.ts";
import { productVersion } from "../product-version.ts";

const examples = `
$ fairlead demo             # brings up the mesh, shows its traffic, and follows your edits of the policy files
$ fairlead demo --check     # a scripted tour of half a minute: every promise put to the test

The mesh is a control plane, a gateway, and one Envoy for each of six small applications, on 127.0.1.x. It needs no root,
and ends with the command. Without a terminal on stdout the demo prints plain lines.

The tour edits a copy of the files, uses addresses and ports that are free, and leaves nothing behind.

Exit codes: 0 ended by Ctrl-C or SIGTERM, or all promises kept; 1 a promise was broken, or the mesh cannot be brought up.
`;

interface DemoFlags {
  readonly check: boolean;
  readonly state: string;
  readonly rate: number;
}

export const declareDemo: DeclareCommand = (program, context) => {
  newCommand(program, "demo", "Bring up a small mesh of real Envoys on this machine.", examples)
    .option("--check", "take the scripted tour and exit", false)
    .addOption(
      new Option("--state <dir>", "where keys and logs are kept").default(join(defaultStateDir, "demo")),
    )
    .addOption(
      new Option("--rate <number>", "requests per second of the demo's own load")
        .argParser(parseRate)
        .default(20),
    )
    .action(async (flags: DemoFlags) => {
      const { DemoFailed } = await import("#demo");
      try {
        context.finish(await (flags.check ? check(context) : live(flags, context)));
      } catch (error) {
        throw error instanceof DemoFailed ? new CommandFailed(error.message) : error;
      }
    });
};

async function live({ state, rate }: DemoFlags, { terminal }: CommandContext): Promise<ExitCode> {
  const { runDemo } = await import("#demo");
  const { stdout } = process;
  await runDemo({
    version: productVersion(),
    env: terminal.env,
    stateDir: state,
    perSecond: rate,
    colors: terminal.outColors,
    output: {
      write: terminal.out,
      size: () => (stdout.isTTY ? { columns: stdout.columns, rows: stdout.rows } : undefined),
    },
    stopped: untilSignal(),
  });
  return exitCodes.ok;
}

async function check({ terminal }: CommandContext): Promise<ExitCode> {
  const { runTour } = await import("#demo");
  // So that what is cleaned up on exit is cleaned up.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(130));
  const { failed } = await runTour({
    version: productVersion(),
    env: terminal.env,
    colors: terminal.outColors,
    print: (line) => terminal.out(`${line}\n`),
  });
  return failed.length === 0 ? exitCodes.ok : exitCodes.failed;
}

/** The second signal ends the process, and with it everything it started. */
function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
      process.on(signal, () => {
        if (asked) process.exit(130);
        asked = true;
        resolve();
      });
    }
  });
}

function parseRate(text: string): number {
  const rate = Number(text);
  if (!(rate >= 0 && rate <= 200)) throw new InvalidArgumentError("a number from 0 to 200");
  return rate;
}
