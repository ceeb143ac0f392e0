// The command line as a function from arguments to an exit code.

export { type ExitCode, exitCodes } from "./exit.ts";
export { runCli } from "./run.ts";
export { processTerminal, type Terminal } from "./terminal.ts";
