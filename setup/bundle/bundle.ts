// In: the checkout. Out: the command line as a few JavaScript files in one folder, which load in a third of the time that
// the 1,200 modules take that they were made of. Nothing else about them is different.

import { rmSync } from "node:fs";
import { build } from "esbuild";
import { ROOT } from "../paths.ts";

/** Where `npm run bundle` writes. Beside `cli/`, so that a path from a module to package.json stays what it is. */
export const BUNDLE = `${ROOT}/dist`;

/** What CommonJS packages expect to find and an ES module does not have. */
const commonJs = `import { createRequire as _createRequire } from "node:module";
import { fileURLToPath as _fileURLToPath } from "node:url";
const require = _createRequire(import.meta.url);
const __filename = _fileURLToPath(import.meta.url);
const __dirname = _fileURLToPath(new URL(".", import.meta.url));`;

/** Replaces what is in `folder`; its `main.js` takes the arguments that `cli/main.ts` takes. Throws when it cannot be made. */
export async function bundle(folder = BUNDLE): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  await build({
    absWorkingDir: ROOT,
    entryPoints: [
      { in: "cli/main.ts", out: "main" },
      // What starts it looks for it beside itself.
      { in: "sources/reading-thread.ts", out: "reading-thread" },
    ],
    outdir: folder,
    bundle: true,
    // A command's own modules are read only when it runs, here as there.
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node26",
    banner: { js: commonJs },
    // The package of that name, as its users find it, and not Node's own deprecated module.
    alias: { punycode: `${ROOT}/node_modules/punycode/punycode.js` },
    logLevel: "warning",
  });
}
