// In: a path. Out: which Envoy is there (release, hash of the bytes), remembered for as long as the file is the same one,
// because hashing and starting a 100 MB binary takes longer than everything else that set-up does when nothing changed.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ENVOY_FOLDER } from "../paths.ts";

/** What is known of one Envoy binary. `version` is `undefined` when the file does not run here as Envoy. */
export interface EnvoyBinary {
  readonly path: string;
  readonly sha256: string;
  readonly version: string | undefined;
}

interface Remembered {
  readonly size: number;
  readonly mtimeMs: number;
  readonly sha256: string;
  readonly version?: string;
}

const MEMORY = `${ENVOY_FOLDER}/known.json`;

/** Identifies the file at `path`; `undefined` when there is no such file. */
export function identifyEnvoy(
  path: string,
  parseVersion: (output: string) => string | undefined,
): EnvoyBinary | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) return undefined;
  const memory = readMemory();
  const known = memory[path];
  if (known !== undefined && known.size === stat.size && known.mtimeMs === stat.mtimeMs) {
    return { path, sha256: known.sha256, version: known.version };
  }
  const sha256 = sha256Of(readFileSync(path));
  const run = spawnSync(path, ["--version"], { encoding: "utf8", timeout: 20_000 });
  const version = parseVersion(run.stdout ?? "");
  const entry = {
    size: stat.size,
    mtimeMs: stat.mtimeMs,
    sha256,
    ...(version === undefined ? {} : { version }),
  };
  writeMemory({ ...memory, [path]: entry });
  return { path, sha256, version };
}

/** SHA-256 of `bytes` in hexadecimal. */
export function sha256Of(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function readMemory(): Readonly<Record<string, Remembered>> {
  try {
    return JSON.parse(readFileSync(MEMORY, "utf8")) as Readonly<Record<string, Remembered>>;
  } catch {
    return {};
  }
}

function writeMemory(memory: Readonly<Record<string, Remembered>>): void {
  try {
    mkdirSync(dirname(MEMORY), { recursive: true });
    const present = Object.fromEntries(Object.entries(memory).filter(([path]) => existsSync(path)));
    writeFileSync(`${MEMORY}.${process.pid}`, `${JSON.stringify(present, null, 2)}\n`);
    renameSync(`${MEMORY}.${process.pid}`, MEMORY);
  } catch {
    // A checkout that cannot be written to is slower, not broken.
  }
}
