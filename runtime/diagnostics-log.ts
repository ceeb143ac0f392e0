// Diagnostics as lines of the log. In: what is wrong, and the texts that it is wrong in.

import { type Diagnostic, renderDiagnostics } from "#compiler";
import type { Logger } from "./log.ts";
import { textOf, type World } from "./world.ts";

/** Those that were not there before, wherever their lines have moved. */
export function newAmong(after: readonly Diagnostic[], before: readonly Diagnostic[]): readonly Diagnostic[] {
  const known = new Set(before.map(fingerprint));
  return after.filter((each) => !known.has(fingerprint(each)));
}

/** The same for the same mistake. */
function fingerprint({ code, message, position }: Diagnostic): string {
  return `${code}|${position.file}|${message}`;
}

/** Each problem as a person would want to read it; errors first, and not more than a screenful. */
export function logDiagnostics(log: Logger, diagnostics: readonly Diagnostic[], world: World): void {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const warnings = diagnostics.filter(({ severity }) => severity === "warning");
  const limit = 20;
  for (const each of [...errors, ...warnings].slice(0, limit)) {
    const place = `${each.position.file}:${each.position.line}:${each.position.column}`;
    const line = `${place}: ${each.message} [${each.code}]`;
    if (each.severity === "error") {
      log.error({ scope: "model" }, line);
      log.debug({ scope: "model" }, renderDiagnostics([each], { source: (file) => textOf(world, file) }));
    } else log.warn({ scope: "model" }, line);
  }
  const rest = errors.length + warnings.length - limit;
  if (rest > 0) log.warn({ scope: "model" }, `and ${rest} more; \`fairlead validate\` shows all`);
}
