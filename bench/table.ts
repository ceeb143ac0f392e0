// Figures as lines for people: name, median, 99th percentile, and what is to be known about it.

import type { Figure } from "./benchmark.ts";

/** One table for one benchmark. */
export function renderTable(title: string, figures: readonly Figure[]): string {
  const header = ["", "p50", "p99", "min … max", "", ""];
  return renderColumns(title, [header, ...figures.map(cellsOf)], (column) => column === 0 || column >= 4);
}

/** Rows of equal length under each other; columns of numbers stand to the right. */
export function renderColumns(
  title: string,
  rows: readonly (readonly string[])[],
  isText: (column: number) => boolean,
): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  return `${title}\n${lines.map((line) => `  ${line}`).join("\n")}\n`;
}

function cellsOf({ name, unit, value, note = "" }: Figure): readonly string[] {
  if (typeof value === "number") return [name, rounded(value), "", "", unit, note];
  const { p50, p99, min, max, samples } = value;
  const range = `${rounded(min)} … ${rounded(max)}`;
  const counted = `${samples} samples${note === "" ? "" : `; ${note}`}`;
  return [name, rounded(p50), rounded(p99), range, unit, counted];
}

/** Three digits are what a figure on a shared machine is worth. */
export function rounded(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2);
}
