// The roots that the running control plane serves with, beside its keys, so that a bootstrap made without asking it
// trusts the right ones. Public: certificates only.

import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const fileName = "trust-bundle.pem";

/** Writes `<stateDir>/trust-bundle.pem`, whole or not at all. Rejects when the disk is full, for one. */
export async function publishTrustBundle(stateDir: string, pem: string): Promise<void> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const path = join(stateDir, fileName);
  if ((await readPublishedTrustBundle(stateDir)) === pem) return;
  const aside = `${path}.${process.pid}`;
  try {
    await writeFile(aside, pem, { mode: 0o644 });
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

/** What the last control plane on this state directory served with; undefined before the first. */
export async function readPublishedTrustBundle(stateDir: string): Promise<string | undefined> {
  try {
    return await readFile(join(stateDir, fileName), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
