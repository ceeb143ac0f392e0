// `exec.ts FILE.ts ARGS...`: brings the generated types up to date, then becomes FILE. Silent when there is nothing to do;
// ends before FILE runs when there are no types to run it with.

import { pathToFileURL } from "node:url";
import { prepareTypes } from "./types/prepare.ts";

const [file = "", ...args] = process.argv.slice(2);
const prepared = await prepareTypes(process.env, (line) => process.stderr.write(`setup: ${line}\n`));
if ("problem" in prepared) {
  process.stderr.write(`setup: ${prepared.problem}\n`);
  process.exit(1);
}
// Where the system can (not on Windows), FILE gets a process of its own, with signals and exit code going straight to it.
process.execve?.(process.execPath, [process.execPath, file, ...args], process.env);
process.argv = [process.execPath, file, ...args];
await import(pathToFileURL(file).href);
