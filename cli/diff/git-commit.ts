// The policy files of a git commit, read from the repository without touching the working folder.

import { execFile, spawn } from "node:child_process";
import { join, relative, resolve, sep } from "node:path";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import type { PolicyFile } from "#compiler";
import { UsageError } from "../exit.ts";
import type { PolicyInput } from "../read-policy.ts";

export interface CommitFiles {
  readonly files: readonly PolicyFile[];
  /** The settings file as the commit has it, if it does. */
  readonly meshConfig?: PolicyFile;
  readonly problems: PolicyInput["problems"];
}

const run = promisify(execFile);

/** Names are as `readFolders` would give them from here. Throws a UsageError when git cannot answer. */
export async function readCommit(
  ref: string,
  paths: readonly string[],
  meshConfig: string | undefined,
): Promise<CommitFiles> {
  const top = (await git(["rev-parse", "--show-toplevel"], "this folder is not in a git repository")).trim();
  const hint = `git knows no commit ${ref} (in a shallow clone, fetch it first: git fetch --depth=1 origin ${ref})`;
  const commit = (
    await git(["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`], hint)
  ).trim();
  const roots = paths.map((path) => relative(top, resolve(path)));
  if (roots.some((root) => root === ".." || root.startsWith(`..${sep}`))) {
    throw new UsageError(`--git compares folders inside the repository ${top}`);
  }
  const settings = meshConfig === undefined ? undefined : relative(top, resolve(meshConfig));
  const wanted = [...roots, ...(settings === undefined ? [] : [settings])].map((root) => root || ".");
  const listing = await git(
    ["-C", top, "ls-tree", "-r", "-z", "--full-tree", commit, "--", ...(wanted.includes(".") ? [] : wanted)],
    `git cannot list ${ref}`,
  );
  const entries = listing
    .split("\0")
    .filter((line) => line !== "")
    .map(parseEntry)
    .filter(({ path }) => path === settings || roots.some((root) => isPolicyBelow(root, path)));
  const blobs = entries.filter(({ mode }) => mode.startsWith("100"));
  const texts = await readBlobs(
    top,
    blobs.map(({ id }) => id),
  );
  const files = blobs.map(({ path }, index) => ({ path, text: texts[index] ?? "" }));
  const named = ({ path, text }: { readonly path: string; readonly text: string }): PolicyFile => ({
    name: displayName(top, path),
    text,
  });
  const found = files.find(({ path }) => path === settings);
  return {
    files: files.filter(({ path }) => roots.some((root) => isPolicyBelow(root, path))).map(named),
    ...(found && meshConfig !== undefined ? { meshConfig: { name: meshConfig, text: found.text } } : {}),
    problems: entries
      .filter(({ mode }) => mode === "120000")
      .map(({ path }) => ({
        name: displayName(top, path),
        message: `is a symlink in ${ref}, which --git does not follow`,
      })),
  };
}

interface TreeEntry {
  readonly mode: string;
  readonly id: string;
  readonly path: string;
}

function parseEntry(line: string): TreeEntry {
  const [head = "", path = ""] = line.split("\t");
  const [mode = "", , id = ""] = head.split(" ");
  return { mode, id, path };
}

/** The rule of a folder walk: files named by the user count whatever they are called, hidden ones are passed over. */
function isPolicyBelow(root: string, path: string): boolean {
  if (path === root) return true;
  if (root !== "" && !path.startsWith(`${root}/`)) return false;
  const below = root === "" ? path : path.slice(root.length + 1);
  const parts = below.split("/");
  return (
    /\.(?:ya?ml|json)$/.test(below) && !parts.some((part) => part.startsWith(".") || part === "node_modules")
  );
}

function displayName(top: string, path: string): string {
  return relative(process.cwd(), join(top, path)) || path;
}

async function git(args: readonly string[], complaint: string): Promise<string> {
  try {
    const { stdout } = await run("git", [...args], { maxBuffer: 256 * 1024 * 1024 });
    return stdout;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      throw new UsageError("--git needs git, and there is none on PATH");
    }
    throw new UsageError(complaint);
  }
}

/** The contents of blobs in the order of their ids, by one process. */
async function readBlobs(top: string, ids: readonly string[]): Promise<readonly string[]> {
  const child = spawn("git", ["-C", top, "cat-file", "--batch"], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(ids.map((id) => `${id}\n`).join(""));
  const output = await buffer(child.stdout);
  const texts: string[] = [];
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf("\n", at);
    const size = Number(output.toString("utf8", at, end).split(" ")[2]);
    if (!Number.isInteger(size)) throw new Error(`git cat-file: ${output.toString("utf8", at, end)}`);
    texts.push(output.toString("utf8", end + 1, end + 1 + size).replace(/^\uFEFF/, ""));
    at = end + 1 + size + 1;
  }
  return texts;
}
