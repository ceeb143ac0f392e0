// When a file was last written, from the file system.

import { statSync } from "node:fs";

/** Milliseconds since 1970; undefined when there is no such file. */
export function modifiedAt(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
