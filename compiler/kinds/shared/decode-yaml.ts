// For the tests of kinds: YAML as users write it → the facts and remarks of one kind, by the path that every file takes.

import { parseText } from "../../1-parse/index.ts";
import { validateObject } from "../../2-validate/index.ts";
import type { Diagnostic } from "../../diagnostics/index.ts";
import type { Fact } from "../../model/fact.ts";
import { defaultMeshConfig, type MeshConfig } from "../../model/mesh-config.ts";
import type { Kind } from "../kind.ts";

export interface Decoded {
  readonly facts: readonly Fact[];
  readonly diagnostics: readonly Diagnostic[];
  /** `error invalid-port spec.ports[0].number`, in the order of reporting: what most tests compare. */
  readonly summary: readonly string[];
}

/** Decodes every object of the text; those of other kinds would be reported as unsupported or skipped. */
export function decodeYaml(
  text: string,
  kinds: readonly Kind[],
  mesh: MeshConfig = defaultMeshConfig,
): Decoded {
  const parsed = parseText("test.yaml", text);
  const validated = parsed.objects.map((object) => validateObject(object, { kinds, mesh }));
  const diagnostics = [...parsed.diagnostics, ...validated.flatMap((one) => one.diagnostics)];
  return {
    facts: validated.flatMap((one) => one.facts),
    diagnostics,
    summary: diagnostics.map(({ severity, code, path }) => [severity, code, path ?? ""].join(" ").trim()),
  };
}
