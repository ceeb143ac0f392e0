// Regular expressions, judged by the engine that will run them: RE2.

import { RE2JS } from "re2js";
import { type Place, report } from "./place.ts";

/** Istio's limit: a program is always larger than its text. */
const longest = 1024;

/** Why RE2 refuses the expression; undefined when it does not. */
export function faultOfRegex(pattern: string): string | undefined {
  if (pattern.length > longest) return `it is longer than ${longest} characters`;
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^error parsing regexp: /, "") : String(error);
  }
}

/** Whether Envoy will accept the expression; reports it if not. */
export function checkRegex(place: Place, pattern: string): boolean {
  const fault = pattern === "" ? "it is empty" : faultOfRegex(pattern);
  if (fault === undefined) return true;
  report(place, "invalid-regex", `invalid regular expression: ${fault}`);
  return false;
}
