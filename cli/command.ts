// What every command is given, and how commands are declared alike.

import type { Command } from "commander";
import type { ExitCode } from "./exit.ts";
import type { Terminal } from "./terminal.ts";

export interface CommandContext {
  readonly terminal: Terminal;
  /** Called by a command that has done its work. */
  finish(code: ExitCode): void;
}

/** Adds one command to the program. */
export type DeclareCommand = (program: Command, context: CommandContext) => void;

/** A subcommand that answers usage errors with the way to its help. */
export function newCommand(program: Command, name: string, description: string, examples: string): Command {
  return program
    .command(name)
    .description(description)
    .showHelpAfterError(`\`fairlead ${name} --help\` shows the options, with examples`)
    .addHelpText("after", `\nExamples:\n${indent(examples.trim())}`);
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "  ");
}
