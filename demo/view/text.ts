// Text as a terminal shows it. Pure.

import type { createColors } from "picocolors";

export type Colors = ReturnType<typeof createColors>;

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are such sequences
const sequence = /\u001b\[[0-9;]*m/y;

/** Cut to so many columns; colours take none, and are ended where the text is cut. */
export function cutTo(line: string, columns: number): string {
  let width = 0;
  let at = 0;
  let colored = false;
  while (at < line.length) {
    sequence.lastIndex = at;
    const found = sequence.exec(line);
    if (found) {
      at += found[0].length;
      colored = true;
      continue;
    }
    if (width === columns) return `${line.slice(0, at)}${colored ? "\u001b[0m" : ""}`;
    width++;
    at++;
  }
  return line;
}

/**
 * Broken between words into lines of at most so many columns, of which all but the first are indented. A word that is
 * longer than a line stays whole.
 */
export function wrap(text: string, columns: number, indent: number): readonly string[] {
  const lines: string[] = [];
  let line = /^ */.exec(text)?.[0] ?? "";
  let empty = true;
  for (const word of text.trimStart().split(" ")) {
    const longer = empty ? line + word : `${line} ${word}`;
    if (empty || visible(longer).length <= columns) line = longer;
    else {
      lines.push(line);
      line = " ".repeat(indent) + word;
    }
    empty = false;
  }
  return [...lines, line];
}

/** Without colours. */
function visible(text: string): string {
  return text.replaceAll(new RegExp(sequence.source, "g"), "");
}

/** Whole blocks; what is more than nothing is at least half of one. */
export function bar(share: number, columns: number): string {
  const halves = share > 0 ? Math.max(1, Math.round(share * columns * 2)) : 0;
  return "█".repeat(Math.floor(halves / 2)) + (halves % 2 === 1 ? "▌" : "");
}

/** `8 ms`, `1.2 s`. */
export function duration(ms: number | undefined): string {
  if (ms === undefined) return "–";
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** `80%`, `0.5%`; never 100 when something is missing. */
export function percent(part: number, total: number): string {
  if (total === 0) return "–";
  const value = (100 * part) / total;
  if (part < total && value > 99) return "99%";
  return part > 0 && value < 1 ? "<1%" : `${Math.round(value)}%`;
}

/** Local time of day, `12:03:11`. */
export function timeOfDay(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}
