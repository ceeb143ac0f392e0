// How a check says what it found: at the place of an origin, about the object of that origin.

import { type Code, type Diagnostic, type DiagnosticDetails, diagnostic } from "../../diagnostics/index.ts";
import type { Origin } from "../../model/origin.ts";

export function at(code: Code, origin: Origin, message: string, details: DiagnosticDetails = {}): Diagnostic {
  return diagnostic(code, origin.position, message, { object: origin, ...details });
}

/** `the other one is here`, for a conflict. */
export function other(message: string, origin: Origin): DiagnosticDetails {
  return { notes: [{ message, position: origin.position }] };
}
