// What keeps a demo from starting, for the user to solve.

import { readFile } from "node:fs/promises";

/** The message says what is in the way and what to do about it. */
export class DemoFailed extends Error {}

const linesShown = 8;

/** The last words of a process, since the folder with its log may not outlive it. */
export async function endOfLog(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch(() => "");
  const lines = text.trimEnd().split("\n").slice(-linesShown);
  return [`its log (${file}) ends with:`, ...lines.map((line) => `  ${line.slice(0, 300)}`)].join("\n");
}
