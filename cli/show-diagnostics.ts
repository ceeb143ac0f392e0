// Diagnostics as a person reads them in a terminal: frames with carets, and one line that sums up.

import { type Diagnostic, type RenderOptions, renderDiagnostics } from "#compiler";
import { plural } from "./plural.ts";
import type { PolicyInput } from "./read-policy.ts";
import type { Colors } from "./terminal.ts";

/** Rendered with the colours of the stream that they go to; empty for none. */
export function showDiagnostics(
  diagnostics: readonly Diagnostic[],
  source: PolicyInput["source"],
  colors: Colors,
): string {
  return renderDiagnostics(diagnostics, { source, paint: painter(colors) });
}

/** Files that cannot be read have no line to point at. */
export function showProblems(problems: PolicyInput["problems"], colors: Colors): string {
  return problems.map(({ name, message }) => `${colors.red("error")}: ${name}: ${message}\n`).join("");
}

/** `2 errors, 1 warning`, or `no problems`. */
export function countDiagnostics(
  diagnostics: readonly Pick<Diagnostic, "severity">[],
  unreadable = 0,
): string {
  const errors = diagnostics.filter(({ severity }) => severity === "error").length + unreadable;
  const warnings = diagnostics.filter(({ severity }) => severity === "warning").length;
  const parts = [
    ...(errors > 0 ? [plural(errors, "error")] : []),
    ...(warnings > 0 ? [plural(warnings, "warning")] : []),
  ];
  return parts.length === 0 ? "no problems" : parts.join(", ");
}

function painter(colors: Colors): NonNullable<RenderOptions["paint"]> {
  const brushes = {
    error: (text: string) => colors.bold(colors.red(text)),
    warning: (text: string) => colors.bold(colors.yellow(text)),
    info: colors.cyan,
    note: colors.cyan,
    message: colors.bold,
    frame: colors.blue,
    help: colors.green,
  };
  return (role, text) => brushes[role](text);
}
