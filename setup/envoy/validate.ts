// In: a whole Envoy bootstrap as text. Out: whether Envoy itself accepts it (`--mode validate`: no socket is opened).

import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Env, locateEnvoy } from "./locate.ts";

/** Envoy's verdict; `output` is what it wrote, its own words about what is wrong. */
export type EnvoyVerdict = { readonly ok: true } | { readonly ok: false; readonly output: string };

/** Loads `bootstrap` (YAML or JSON) into the located Envoy. About 50 ms. No Envoy to run counts as a refusal that says so. */
export async function validateWithEnvoy(bootstrap: string, env: Env = process.env): Promise<EnvoyVerdict> {
  const envoy = locateEnvoy(env);
  if ("problem" in envoy) return { ok: false, output: envoy.problem };
  const folder = await mkdtemp(join(tmpdir(), "fairlead-validate-"));
  try {
    const file = join(folder, "bootstrap.yaml");
    await writeFile(file, bootstrap, { mode: 0o600 });
    return await runValidate(envoy.path, file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function runValidate(envoy: string, file: string): Promise<EnvoyVerdict> {
  return new Promise((resolve) => {
    const child = spawn(envoy, ["--mode", "validate", "--log-level", "error", "--config-path", file]);
    let output = "";
    const collect = (chunk: Buffer): void => {
      output += chunk.toString("utf8");
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", (error) => resolve({ ok: false, output: error.message }));
    child.on("close", (code, signal) => {
      if (code === 0) resolve({ ok: true });
      else
        resolve({
          ok: false,
          output: signal === null ? output.trim() : `${output.trim()}\nEnvoy died of ${signal}`,
        });
    });
  });
}
