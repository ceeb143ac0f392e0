// A folder of files that appear together or not at all, for keys that must never be half written or overwritten. In: a
// place and named texts. Out: the texts that lie there, or what is wrong with them. It knows no certificate.

import { randomBytes } from "node:crypto";
import { chmod, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { accept, type Outcome, refuse } from "../outcome.ts";
import { Redacted } from "../secrets/redacted.ts";
import type { AuthorityProblem } from "./authority-problem.ts";

/** Texts by file name; any may be a key. */
export type StateFiles = Readonly<Record<string, Redacted<string>>>;

/** What lies in a state folder. */
export interface StateFolder {
  readonly files: StateFiles;
  readonly warnings: readonly AuthorityProblem[];
}

/**
 * Reads `names` in `<stateDir>/<folder>`; if the folder does not exist, makes it from what `create` returns. Two
 * processes that start at the same moment end with the same files: the folder is written aside, synced and moved into
 * place, and who comes second reads what the first one wrote.
 */
export async function loadOrCreate(
  stateDir: string,
  folder: string,
  names: readonly string[],
  create: () => Promise<StateFiles>,
): Promise<Outcome<StateFolder, readonly AuthorityProblem[]>> {
  const path = join(stateDir, folder);
  try {
    if (!(await exists(path))) await write(stateDir, folder, await create());
  } catch (error) {
    const help = `Make ${stateDir} a directory that this user can write to, or name another state directory.`;
    return refuse([{ code: "unreadable", where: path, message: reason(error), help }]);
  }
  return read(path, names);
}

async function write(stateDir: string, folder: string, files: StateFiles): Promise<void> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const aside = join(stateDir, `.${folder}-${randomBytes(6).toString("hex")}`);
  await mkdir(aside, { mode: 0o700 });
  try {
    for (const [name, text] of Object.entries(files)) {
      const file = await open(join(aside, name), "wx", 0o600);
      await file.writeFile(text.reveal());
      await file.sync();
      await file.close();
      // The process may run with a mask that takes bits away from its own user.
      await chmod(join(aside, name), 0o600);
    }
    await syncDirectory(aside);
    await rename(aside, join(stateDir, folder));
    await syncDirectory(stateDir);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    if (!isCode(error, "ENOTEMPTY") && !isCode(error, "EEXIST")) throw error;
  }
}

async function read(
  path: string,
  names: readonly string[],
): Promise<Outcome<StateFolder, readonly AuthorityProblem[]>> {
  const files: Record<string, Redacted<string>> = {};
  const problems: AuthorityProblem[] = [];
  const warnings: AuthorityProblem[] = [];
  for (const name of names) {
    const where = join(path, name);
    try {
      files[name] = new Redacted(await readFile(where, "utf8"));
      const mode = (await stat(where)).mode & 0o777;
      if ((mode & 0o077) !== 0) warnings.push(exposed(where, mode));
    } catch (error) {
      const missing = isCode(error, "ENOENT");
      const message = missing ? "the file is missing, though its folder exists" : reason(error);
      const help = `Restore it from a backup. Only if it is lost: move ${path} away, which starts anew and cuts off every workload that has been given a bootstrap.`;
      problems.push({ code: missing ? "missing" : "unreadable", where, message, help });
    }
  }
  return problems.length > 0 ? refuse(problems) : accept({ files, warnings });
}

function exposed(where: string, mode: number): AuthorityProblem {
  const message = `other users can reach the file (mode 0${mode.toString(8)})`;
  return { code: "exposed", where, message, help: `Run: chmod 600 ${where}` };
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isCode(error, "ENOENT")) return false;
    throw error;
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  await directory.sync();
  await directory.close();
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
