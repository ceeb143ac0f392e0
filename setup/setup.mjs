// `npm run setup`: from a bare checkout to one where everything runs. Needs Node 18 or later and nothing else, installs the
// packages, and goes on under the project's own Node with `main.ts`, which says what it did on stderr.

import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installPackages, projectNode } from "./packages.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const problem = installPackages(root, (line) => process.stderr.write(`setup: ${line}\n`));
if (problem !== undefined) {
  process.stderr.write(`setup: ${problem}\n`);
  process.exit(1);
}
const main = spawnSync(projectNode(root), [join(root, "setup", "main.ts")], { cwd: root, stdio: "inherit" });
process.exit(main.status ?? 1);
