// Comparison as a command: reads two states of the files, compiles both, and tells the difference.

import {
  type CompiledMesh,
  compileMesh,
  type Diagnostic,
  diffMeshes,
  diffObjects,
  type PolicyFile,
} from "#compiler";
import { type ExitCode, exitCodes, UsageError } from "../exit.ts";
import { mustExist, type PolicyInput, policyInput, readMeshConfigFile, readPolicy } from "../read-policy.ts";
import { showDiagnostics, showProblems } from "../show-diagnostics.ts";
import type { Terminal } from "../terminal.ts";
import type { Difference } from "./difference.ts";
import { readCommit } from "./git-commit.ts";
import { renderDiffJson } from "./json.ts";
import { renderDiffText, summarizeDiff } from "./text.ts";

export interface DiffOptions {
  readonly git?: string;
  readonly meshConfig?: string;
  readonly output: "text" | "json";
}

interface Sides {
  readonly before: PolicyInput;
  readonly after: PolicyInput;
}

export async function runDiff(
  paths: readonly string[],
  options: DiffOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { before, after } =
    options.git === undefined
      ? await readBoth(paths, options.meshConfig, terminal)
      : await readSinceCommit(options.git, paths, options.meshConfig, terminal);
  const old = compileMesh(before);
  const now = compileMesh(after);
  showErrors("old", before, old, now, terminal);
  showErrors("new", after, now, undefined, terminal);
  const diff: Difference = { ...diffMeshes(old.mesh, now.mesh), objects: diffObjects(old.files, now.files) };
  terminal.out(options.output === "json" ? renderDiffJson(diff) : renderDiffText(diff, terminal.outColors));
  terminal.err(summarizeDiff(diff));
  return diff.proxies.length === 0 ? exitCodes.ok : exitCodes.failed;
}

async function readBoth(
  paths: readonly string[],
  meshConfig: string | undefined,
  terminal: Terminal,
): Promise<Sides> {
  const [old, now, ...more] = paths;
  if (old === undefined || now === undefined || more.length > 0) {
    throw new UsageError("two folders are needed: the old and the new one (or --git REF)");
  }
  return {
    before: await readPolicy([old], meshConfig, terminal),
    after: await readPolicy([now], meshConfig, terminal),
  };
}

async function readSinceCommit(
  ref: string,
  given: readonly string[],
  meshConfig: string | undefined,
  terminal: Terminal,
): Promise<Sides> {
  const paths = given.length === 0 ? ["."] : given;
  const commit = await readCommit(ref, paths, meshConfig);
  // A folder that the commit has and the working folder no longer does is a difference, not a mistake.
  const present = await Promise.all(paths.map((path) => existsUnless(path, commit.files)));
  const here = paths.filter((_, index) => present[index]);
  const settings = meshConfig === undefined ? undefined : await readMeshConfigFile(meshConfig);
  const earlier = commit.meshConfig ?? settings;
  const isPolicy = ({ name }: PolicyFile) => name !== earlier?.name;
  return {
    before: policyInput(commit.files.filter(isPolicy), earlier, commit.problems),
    after: here.length === 0 ? policyInput([], settings) : await readPolicy(here, meshConfig, terminal),
  };
}

async function existsUnless(path: string, files: readonly PolicyFile[]): Promise<boolean> {
  try {
    await mustExist(path);
    return true;
  } catch (error) {
    if (files.some(({ name }) => name === path || name.startsWith(`${path.replace(/\/$/, "")}/`)))
      return false;
    throw error;
  }
}

/** Errors on stderr, with the side they are on; on the old side only those that the new one no longer has. */
function showErrors(
  side: "old" | "new",
  input: PolicyInput,
  compiled: CompiledMesh,
  other: CompiledMesh | undefined,
  terminal: Terminal,
): void {
  const colors = terminal.errColors;
  const known = new Set(other?.diagnostics.map(fingerprint));
  const errors = compiled.diagnostics.filter(
    (each) => each.severity === "error" && !known.has(fingerprint(each)),
  );
  const shown = showProblems(input.problems, colors) + showDiagnostics(errors, input.source, colors);
  if (shown !== "") terminal.err(`${colors.bold(`in the ${side} files:`)}\n${shown}\n`);
}

function fingerprint({ code, message, object }: Diagnostic): string {
  return JSON.stringify([code, message, object]);
}
