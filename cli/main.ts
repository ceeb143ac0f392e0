#!/usr/bin/env node
// The process around the command line: real streams in, an exit code out. Everything else is in run.ts.

import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

// Before anything else is loaded, since it is for what is loaded after it. Beside the packages and not among the system's temporary
// files: whoever can write there could as well change the code itself. Where nobody may write, nothing is kept and nothing said.
enableCompileCache(fileURLToPath(new URL("../node_modules/.cache/compiled", import.meta.url)));

// A reader that has seen enough (`fairlead compile ... | head`) is no error of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

// Messages that cannot be written (a full disk, a reader that is gone) are lost; the server that had them to say goes on.
process.stderr.on("error", () => undefined);

const { runCli } = await import("./run.ts");
const { processTerminal } = await import("./terminal.ts");
process.exitCode = await runCli(process.argv.slice(2), processTerminal());
