// `node setup/run.mjs FILE.ts ARGS...`: sets up what is missing, then becomes FILE under the project's Node, in the user's
// folder. Writes nothing to stdout, and nothing at all when set-up has nothing to do.

import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { installPackages, projectNode } from "./packages.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const problem = installPackages(root, (line) => process.stderr.write(`setup: ${line}\n`));
if (problem !== undefined) {
  process.stderr.write(`setup: ${problem}\n`);
  process.exit(1);
}
const node = projectNode(root);
const exec = join(root, "setup", "exec.ts");
const [file = "", ...args] = process.argv.slice(2);
const command = [exec, resolve(root, file), ...args];

// npm runs scripts in the package's folder and says in INIT_CWD where the user is: relative paths mean the latter.
process.chdir(process.env.INIT_CWD ?? process.cwd());

// Compiled modules are kept (Node keys them by content): a command starts in two thirds of the time.
process.env.NODE_COMPILE_CACHE ??= join(root, "node_modules", ".cache", "compiled");

if (process.execPath === realpathSync(node)) {
  // npm puts the project's Node first on PATH, so that after the first time there is no process between.
  process.argv = [node, ...command];
  await import("./exec.ts");
} else {
  const child = spawn(node, command, { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
}
