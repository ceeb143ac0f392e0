// Makes the program that runs istiod's code, with the Go of whoever asks, and only when its sources are newer than what is there. In:
// `oracle/`. Out: a file below `node_modules/.cache`, which git ignores; or what to do so that there can be one.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";

const sources = path.join(import.meta.dirname, "oracle");
const folder = path.join(import.meta.dirname, "../../node_modules/.cache/istiod");

export type Built = { readonly program: string } | { readonly problem: string };

/** Where the program of these very sources is, or will be. */
export function programPath(): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(sources).sort()) hash.update(readFileSync(path.join(sources, name)));
  return path.join(folder, `oracle-${hash.digest("hex").slice(0, 16)}`);
}

/** Takes about ten minutes the first time: Go has to fetch istiod and all that it is made of. */
export function buildOracle(say: (line: string) => void): Built {
  const program = programPath();
  if (existsSync(program)) return { program };
  const problem = problemWithGo();
  if (problem !== undefined) return { problem };
  say("building istiod's code with Go; this takes about ten minutes the first time, and 3 GB of disk");
  // One program of 200 MB is enough.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const unfinished = `${program}.unfinished`;
  const { status } = spawnSync("go", ["build", "-buildvcs=false", "-o", unfinished, "."], {
    cwd: sources,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0) return { problem: "Go could not build test/istiod/oracle; what it says is above" };
  renameSync(unfinished, program);
  return { program };
}

function problemWithGo(): string | undefined {
  const wanted = /^go (\S+)$/m.exec(readFileSync(path.join(sources, "go.mod"), "utf8"))?.[1] ?? "";
  // Asked in that folder, Go answers with the toolchain that it would use there, which may be one that it fetches.
  const asked = spawnSync("go", ["env", "GOVERSION"], { cwd: sources, encoding: "utf8" });
  return verdictOn(asked.error || asked.status !== 0 ? undefined : asked.stdout.trim(), wanted);
}

/** What is wrong with a Go that calls itself this; `undefined` in: there is none. */
export function verdictOn(version: string | undefined, wanted: string): string | undefined {
  const remedy = `install Go ${wanted} or newer, have it on PATH, and run this again`;
  if (version === undefined) return `istiod is written in Go, and there is no Go that runs here: ${remedy}`;
  const [has, needs] = [version.replace(/^go/, ""), wanted].map((each) =>
    each.split(".").map(Number.parseFloat),
  );
  const [major = 0, minor = 0] = has ?? [];
  const [wantedMajor = 0, wantedMinor = 0] = needs ?? [];
  const isEnough = major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
  return isEnough ? undefined : `istiod needs Go ${wanted}, and here is ${version}: ${remedy}`;
}
