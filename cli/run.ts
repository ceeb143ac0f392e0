// Arguments in, exit code out. Declares every command; what a command does is imported only when it runs, so that
// `fairlead --help` is quick.

import { Command, CommanderError } from "commander";
import type { CommandContext } from "./command.ts";
import { declareBootstrap } from "./commands/bootstrap.ts";
import { declareCompile } from "./commands/compile.ts";
import { declareDemo } from "./commands/demo.ts";
import { declareDiff } from "./commands/diff.ts";
import { declareEnvoy } from "./commands/envoy.ts";
import { declareProxyConfig } from "./commands/proxy-config.ts";
import { declareServe } from "./commands/serve.ts";
import { declareStatus } from "./commands/status.ts";
import { declareValidate } from "./commands/validate.ts";
import { declareVersion } from "./commands/version.ts";
import { CommandFailed, type ExitCode, exitCodes, UsageError } from "./exit.ts";
import { productVersion } from "./product-version.ts";
import type { Terminal } from "./terminal.ts";

/** Carries out a command line (without the program's own name) and says how it ended. Never throws. */
export async function runCli(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok;
  const program = declareProgram({
    terminal,
    finish: (outcome) => {
      code = outcome;
    },
  });
  try {
    await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (error) {
    return explain(error, argv, terminal);
  }
}

function declareProgram(context: CommandContext): Command {
  const { terminal } = context;
  const program = new Command("fairlead")
    .description("Istio policy files in, configuration and certificates for stock Envoy proxies out.")
    .version(productVersion(), "-V, --version", "print Fairlead's version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help for a command")
    .exitOverride()
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      getOutHasColors: () => terminal.outColors.isColorSupported,
      getErrHasColors: () => terminal.errColors.isColorSupported,
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
    })
    .configureHelp({ styleTitle: (text) => terminal.outColors.bold(text) });
  for (const declare of [
    declareServe,
    declareBootstrap,
    declareValidate,
    declareCompile,
    declareDiff,
    declareStatus,
    declareProxyConfig,
    declareEnvoy,
    declareDemo,
    declareVersion,
  ]) {
    declare(program, context);
  }
  return program.addHelpText(
    "after",
    `
Exit codes: 0 all is well, 1 something is wrong with the files or the surroundings, 2 wrong usage, 70 a bug in Fairlead.
Messages go to stderr and data to stdout. NO_COLOR and FORCE_COLOR are honoured.`,
  );
}

function explain(error: unknown, argv: readonly string[], terminal: Terminal): ExitCode {
  const label = terminal.errColors.red("error:");
  // Commander has already written its message.
  if (error instanceof CommanderError)
    return isHelp(error) && argv.length > 0 ? exitCodes.ok : exitCodes.usage;
  if (error instanceof UsageError) {
    terminal.err(`${label} ${error.message}\n`);
    return exitCodes.usage;
  }
  if (error instanceof CommandFailed) {
    terminal.err(`${label} ${error.message}\n`);
    return argv[0] === "diff" ? exitCodes.usage : exitCodes.failed;
  }
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.err(`${label} this is a mistake in Fairlead; please report it with what follows\n${details}\n`);
  return exitCodes.internal;
}

function isHelp({ code }: CommanderError): boolean {
  return code === "commander.helpDisplayed" || code === "commander.help" || code === "commander.version";
}
