// The files that a command is about. In: paths from the command line. Out: texts, and how to show what is wrong with them.

import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { PolicyFile } from "#compiler";
import { readFolders } from "#sources";
import { UsageError } from "./exit.ts";
import type { Terminal } from "./terminal.ts";

export interface PolicyInput {
  readonly files: readonly PolicyFile[];
  readonly meshConfig?: PolicyFile;
  /** Files and folders that exist and cannot be read. */
  readonly problems: readonly { readonly name: string; readonly message: string }[];
  /** The text behind a diagnostic. */
  source(file: string): string | undefined;
}

/** Reads everything once. Throws a UsageError for a path that does not exist. */
export async function readPolicy(
  paths: readonly string[],
  meshConfigFile: string | undefined,
  terminal: Terminal,
): Promise<PolicyInput> {
  for (const path of paths) if (path !== "-") await mustExist(path);
  const { texts, problems } = await readFolders(paths, terminal.stdin);
  const meshConfig = meshConfigFile === undefined ? undefined : await readMeshConfigFile(meshConfigFile);
  // The settings may lie among the policy files: they are not policy.
  const settings = meshConfig && resolve(meshConfig.name);
  const files = texts.filter(({ name }) => resolve(name) !== settings);
  return policyInput(files, meshConfig, problems);
}

/** Texts that are already at hand, as input of a command. */
export function policyInput(
  files: readonly PolicyFile[],
  meshConfig: PolicyFile | undefined,
  problems: PolicyInput["problems"] = [],
): PolicyInput {
  const texts = new Map(
    [...files, ...(meshConfig ? [meshConfig] : [])].map(({ name, text }) => [name, text]),
  );
  return {
    files,
    ...(meshConfig ? { meshConfig } : {}),
    problems,
    source: (file) => texts.get(file),
  };
}

/** Throws a UsageError when the file cannot be read. */
export async function readMeshConfigFile(path: string): Promise<PolicyFile> {
  try {
    return { name: path, text: await readFile(path, "utf8") };
  } catch (error) {
    const missing = isMissing(error);
    throw new UsageError(
      `--mesh-config: ${path} ${missing ? "does not exist" : `cannot be read: ${String(error)}`}`,
    );
  }
}

/** Throws a UsageError when there is nothing at a path. */
export async function mustExist(path: string): Promise<void> {
  try {
    await stat(path);
  } catch (error) {
    if (!isMissing(error)) return;
    throw new UsageError(`${path} does not exist`);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
