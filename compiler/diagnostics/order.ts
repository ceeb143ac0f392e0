// The one order in which diagnostics are shown, so that the same input always reads the same.

import type { Position } from "../model/origin.ts";
import { compareText } from "../model/text-order.ts";
import type { Diagnostic } from "./diagnostic.ts";

/** By file (by code unit), line, column. */
export function comparePositions(a: Position, b: Position): number {
  return compareText(a.file, b.file) || a.line - b.line || a.column - b.column;
}

/** Total: two diagnostics that compare as 0 say the same. */
export function compareDiagnostics(a: Diagnostic, b: Diagnostic): number {
  return (
    comparePositions(a.position, b.position) ||
    compareText(a.code, b.code) ||
    compareText(a.message, b.message) ||
    compareText(a.help ?? "", b.help ?? "") ||
    compareText(describeNotes(a), describeNotes(b))
  );
}

/** Sorted, and each one once. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const sorted = diagnostics.toSorted(compareDiagnostics);
  return sorted.filter((one, index) => {
    const previous = sorted[index - 1];
    return previous === undefined || compareDiagnostics(previous, one) !== 0;
  });
}

function describeNotes(diagnostic: Diagnostic): string {
  return diagnostic.notes
    .map(({ message, position: { file, line, column } }) => `${file}:${line}:${column}:${message}`)
    .join("\n");
}
