// What validation found, before anybody decides in which form to tell it.

import type { Diagnostic } from "#compiler";
import type { PolicyInput } from "../read-policy.ts";
import type { EnvoyRejection } from "./rejection.ts";

export interface Report {
  readonly diagnostics: readonly Diagnostic[];
  /** Files and folders that cannot be read. */
  readonly problems: PolicyInput["problems"];
  readonly rejections: readonly EnvoyRejection[];
  /** How many were read. */
  readonly files: number;
  readonly objects: number;
}
