// The files that a demo runs on: the example itself, or a copy of it that a tour may edit.

import { cp, readFile, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export interface Example {
  /** Holds `mesh/`, `policy/` and `mesh-config.yaml`. */
  readonly root: string;
  readonly folders: readonly string[];
  readonly meshConfigFile: string;
}

/** `examples/bookinfo` in the checkout. */
export const bookinfo = exampleAt(fileURLToPath(new URL("../../examples/bookinfo", import.meta.url)));

export function exampleAt(root: string): Example {
  return {
    root,
    folders: [join(root, "mesh"), join(root, "policy")],
    meshConfigFile: join(root, "mesh-config.yaml"),
  };
}

/** A path as the user would type it from where they are. */
export function shortPath(path: string): string {
  const short = relative("", resolve(path));
  return short.startsWith("..") ? path : short;
}

/**
 * A copy whose workloads have addresses 127.0.`network`.x instead of 127.0.1.x, so that it can run beside the example
 * itself.
 */
export async function copyExample(from: Example, root: string, network: number): Promise<Example> {
  await cp(from.root, root, { recursive: true });
  for (const name of ["mesh/workloads.yaml", "policy/gateway.yaml"]) {
    const file = join(root, name);
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replaceAll(/\b127\.0\.1\./g, `127.0.${network}.`));
  }
  return exampleAt(root);
}
