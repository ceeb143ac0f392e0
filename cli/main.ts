#!/usr/bin/env node
// The process around the command line: real streams in, an exit code out. Everything else is in run.ts.

import { runCli } from "./run.ts";
import { processTerminal } from "./terminal.ts";

// A reader that has seen enough (`fairlead compile ... | head`) is no error of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

// Messages that cannot be written (a full disk, a reader that is gone) are lost; the server that had them to say goes on.
process.stderr.on("error", () => undefined);

process.exitCode = await runCli(process.argv.slice(2), processTerminal());
