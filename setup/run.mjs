// `node setup/run.mjs FILE.ts ARGS...`: sets up what is missing, then becomes FILE under the project's Node, in the user's
// folder. Writes nothing to stdout, and nothing at all when set-up has nothing to do.

import { spawn } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { installPackages, projectNode } from "./packages.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const problem = installPackages(root, (line) => process.stderr.write(`setup: ${line}\n`));
if (problem !== undefined) {
  process.stderr.write(`setup: ${problem}\n`);
  process.exit(1);
}
const [file = "", ...args] = process.argv.slice(2);
const command = [join(root, "setup", "exec.ts"), resolve(root, file), ...args];

// npm runs scripts in the package's folder and says in INIT_CWD where the user is: relative paths mean the latter.
const cwd = process.env.INIT_CWD ?? process.cwd();

if (typeof process.execve === "function") {
  process.chdir(cwd);
  process.execve(projectNode(root), [projectNode(root), ...command], process.env);
}
const child = spawn(projectNode(root), command, { cwd, stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
