// Offsets in a text to line and column. The line table is made when the first position is asked for.

import type { Position } from "../model/origin.ts";

/** Where one stretch of characters is. */
export type Locator = (start: number, end: number) => Position;

/** `end` is exclusive; a stretch over several lines is cut at the end of its first. */
export function locateIn(file: string, text: string): Locator {
  let starts: readonly number[] | undefined;
  return (start, end) => {
    starts ??= lineStarts(text);
    const index = lineAt(starts, start);
    const lineStart = starts[index] ?? 0;
    const nextLine = starts[index + 1];
    const lineEnd = nextLine === undefined ? text.length : nextLine - 1;
    const stop = Math.min(end, lineEnd);
    const written = text.slice(start, stop).trimEnd();
    return { file, line: index + 1, column: start - lineStart + 1, length: Math.max(1, written.length) };
  };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
