// A mesh configuration file as settings. In: what parsing found in it. Out: the settings, or why there are none.

import type { ParsedMeshConfig } from "../../1-parse/index.ts";
import { validateObject } from "../../2-validate/index.ts";
import type { Diagnostic } from "../../diagnostics/index.ts";
import { defaultMeshConfig, type MeshConfig } from "../../model/mesh-config.ts";
import { meshConfig } from "./index.ts";

export interface DecodedMeshConfig {
  /** Absent when the file holds no settings, or settings with an error. */
  readonly config?: MeshConfig;
  readonly diagnostics: readonly Diagnostic[];
}

export function decodeMeshConfigFile({ object, diagnostics }: ParsedMeshConfig): DecodedMeshConfig {
  if (object === undefined) return { diagnostics };
  const validated = validateObject(object, { kinds: [meshConfig], mesh: defaultMeshConfig });
  const all = [...diagnostics, ...validated.diagnostics];
  const [fact] = validated.facts;
  return fact?.type === "mesh-config" ? { config: fact.value, diagnostics: all } : { diagnostics: all };
}
