#!/usr/bin/env node
// The process around the command line: real streams in, an exit code out. Everything else is in run.ts.

import { runCli } from "./run.ts";
import { processTerminal } from "./terminal.ts";

// A reader that has seen enough (`fairlead compile ... | head`) is no error of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

process.exitCode = await runCli(process.argv.slice(2), processTerminal());
