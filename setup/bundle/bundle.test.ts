import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import test from "ava";
import { ROOT } from "../paths.ts";
import { BUNDLE, bundle } from "./bundle.ts";

const run = promisify(execFile);
const example = ["examples/bookinfo/mesh", "examples/bookinfo/policy"];

async function say(main: string, ...args: readonly string[]) {
  const { stdout, stderr } = await run(process.execPath, [main, ...args], {
    cwd: ROOT,
    maxBuffer: 64 * 1024 * 1024,
  });
  return { stdout, stderr };
}

test.serial("the bundle compiles to what the sources compile to, and knows its version", async (t) => {
  await bundle();
  const args = ["compile", ...example, "--name", "productpage-v1", "--namespace", "bookinfo", "-o", "json"];
  const [bundled, fromSource] = await Promise.all([
    say(`${BUNDLE}/main.js`, ...args),
    say(`${ROOT}/cli/main.ts`, ...args),
  ]);
  t.deepEqual(bundled, fromSource);
  t.true(bundled.stdout.length > 10_000);
  // Without it a server reads all files in one thread, and nobody would notice.
  t.true(existsSync(`${BUNDLE}/reading-thread.js`));
  t.deepEqual(await say(`${BUNDLE}/main.js`, "--version"), await say(`${ROOT}/cli/main.ts`, "--version"));
});

test.serial("the bundle serves, with an authority of its own, and stops when it is told to", async (t) => {
  const state = mkdtempSync(join(tmpdir(), "fairlead-bundle-"));
  t.teardown(() => rmSync(state, { recursive: true, force: true }));
  const ports = ["--xds", "127.0.0.1:0", "--xds-tls", "127.0.0.1:0", "--http", "127.0.0.1:0"];
  const child = spawn(
    process.execPath,
    [`${BUNDLE}/main.js`, "serve", ...example, "--state", state, "--log-format", "json", ...ports],
    { cwd: ROOT, stdio: ["ignore", "ignore", "pipe"] },
  );
  t.teardown(() => child.kill("SIGKILL"));
  let log = "";
  const ready = new Promise<void>((resolve) => {
    child.stderr.on("data", (chunk: Buffer) => {
      log += chunk.toString();
      if (log.includes('"msg":"ready;')) resolve();
    });
  });
  const ended = once(child, "exit");
  await Promise.race([ready, ended]);
  t.true(log.includes('"msg":"ready;'), log);
  child.kill("SIGTERM");
  t.deepEqual(await ended, [0, null], log);
});
