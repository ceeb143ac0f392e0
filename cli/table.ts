// Rows of texts as an aligned table, as kubectl prints them.

import { printable } from "./printable.ts";

/** A cell, and how to colour it; colours do not count for the width. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

/** Lines that each end in a newline; columns are three spaces apart, and nothing trails. An empty cell is shown as `-`. */
export function renderTable(headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...lines.map((cells) => textOf(cells[column]).length)));
  return lines
    .map((cells) => {
      const last = cells.length - 1;
      const padded = cells.map((cell, column) => {
        const gap = column === last ? "" : " ".repeat((widths[column] ?? 0) - textOf(cell).length + 3);
        return `${typeof cell === "string" ? textOf(cell) : cell.paint(textOf(cell))}${gap}`;
      });
      return `${padded.join("")}\n`;
    })
    .join("");
}

function textOf(cell: Cell | undefined): string {
  const text = typeof cell === "string" ? cell : (cell?.text ?? "");
  return text === "" ? "-" : printable(text);
}
