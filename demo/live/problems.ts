// What is wrong with the files, and what that means for the traffic. In: the world as the control plane understands it. Pure but
// for the current directory, from which paths are shown.

import type { Diagnostic } from "#compiler";
import { fileNamed, type World } from "#runtime";
import { shortPath } from "../mesh/index.ts";
import type { Problem } from "../view/index.ts";

/** Errors first, each group in the order of the files. */
export function problemsIn(world: World): readonly Problem[] {
  const { errors = [], warnings = [] } = Object.groupBy(world.diagnostics, ({ severity }) =>
    severity === "error" ? "errors" : severity === "warning" ? "warnings" : "others",
  );
  return [...errors, ...warnings].map((diagnostic) => {
    const { severity, position, message } = diagnostic;
    const consequence = consequenceOf(diagnostic, world);
    return {
      severity: severity === "error" ? "error" : "warning",
      place: `${shortPath(position.file)}:${position.line}:${position.column}`,
      message,
      ...(consequence === undefined ? {} : { consequence }),
    };
  });
}

/** Only an error in the text itself keeps an object from taking effect; one between objects says what comes of it. */
function consequenceOf(diagnostic: Diagnostic, world: World): string | undefined {
  const { severity, object, position } = diagnostic;
  if (severity !== "error") return undefined;
  const { file } = position;
  if (world.configDiagnostics.includes(diagnostic)) return "the settings stay as they were";
  const read = fileNamed(world.files, file);
  if (!read?.diagnostics.includes(diagnostic)) return undefined;
  const meant = read.objects.filter(
    ({ raw }) =>
      object === undefined ||
      (raw.kind === object.kind && raw.namespace === object.namespace && raw.name === object.name),
  );
  if (meant.some(({ state }) => state === "last-good")) return "the last good version keeps serving";
  return meant.some(({ state }) => state === "refused") ? "it has no effect until that is mended" : undefined;
}
