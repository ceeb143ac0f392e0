// Where Istio's own policy files are on a machine that has them; a user's clone does not.

import { existsSync, globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../shared/istio/", import.meta.url));

/** Why tests over these files cannot run here; undefined when they can. */
export const absent: string | undefined = existsSync(root)
  ? undefined
  : "skipped: ../shared/istio, a folder with files of the Istio repository, is not here";

export interface PolicyFile {
  /** Relative to the folder. */
  readonly name: string;
  readonly text: string;
}

/** The YAML files below a folder of it, sorted by name. */
export function istioFiles(folder: string): readonly PolicyFile[] {
  return globSync(`${folder}/**/*.{yaml,yml}`, { cwd: root })
    .sort()
    .map((name) => ({ name, text: readFileSync(`${root}${name}`, "utf8") }));
}
