// One remark about what a user wrote: plain data, which any front end (terminal, JSON, SARIF, dashboard) can show.

import type { Position } from "../model/origin.ts";
import { type Code, catalogue, type Severity } from "./catalogue.ts";
import { visible } from "./visible.ts";

/** Another place that has to do with the problem. */
export interface Note {
  readonly message: string;
  readonly position: Position;
}

export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  /** One sentence without a full stop, on one line; quotes what the user wrote, with nothing invisible in it. */
  readonly message: string;
  readonly position: Position;
  /** What to do. */
  readonly help?: string;
  readonly notes: readonly Note[];
  /** The object it is about, if the text got that far. `namespace` is empty for cluster-scoped objects. */
  readonly object?: { readonly kind: string; readonly namespace: string; readonly name: string };
  /** The field, as in `spec.http[0].route`. */
  readonly path?: string;
}

/** What a diagnostic may say beyond its code, place and message. */
export interface DiagnosticDetails {
  /** Instead of the catalogue's remedy. */
  readonly help?: string | undefined;
  readonly notes?: readonly Note[] | undefined;
  readonly object?: Diagnostic["object"] | undefined;
  readonly path?: string | undefined;
  /** Instead of the catalogue's severity. */
  readonly severity?: Severity | undefined;
}

/** Makes a diagnostic, safe to print; severity and help come from the catalogue unless `details` says otherwise. */
export function diagnostic(
  code: Code,
  position: Position,
  message: string,
  details: DiagnosticDetails = {},
): Diagnostic {
  const entry = catalogue[code];
  const help = details.help ?? entry.remedy;
  return {
    code,
    severity: details.severity ?? entry.severity,
    message: visible(message),
    position,
    ...(help === "" ? {} : { help: visible(help) }),
    notes: (details.notes ?? []).map((note) => ({ ...note, message: visible(note.message) })),
    ...(details.object === undefined
      ? {}
      : {
          object: {
            kind: details.object.kind,
            namespace: details.object.namespace,
            name: details.object.name,
          },
        }),
    ...(details.path === undefined || details.path === "" ? {} : { path: details.path }),
  };
}

/** Whether any of them makes something unusable. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === "error");
}
