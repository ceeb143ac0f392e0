// One raw object → the facts it states, or what is wrong with it. Judges the object by itself, as an admission webhook
// would; what it refers to is looked up in stage 3.

import type { RawObject } from "../1-parse/index.ts";
import { type Diagnostic, hasErrors } from "../diagnostics/index.ts";
import type { Kind } from "../kinds/kind.ts";
import type { Fact } from "../model/fact.ts";
import type { MeshConfig } from "../model/mesh-config.ts";
import { isDnsLabel } from "../model/names.ts";
import { checkFields } from "./check-fields.ts";
import { lookUpstream } from "./known-kinds.ts";
import { nearestName } from "./nearest-name.ts";
import { diagnosticAt, objectReader } from "./object-reader.ts";

export interface Validated {
  /** Empty when there is an error among the diagnostics. */
  readonly facts: readonly Fact[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What validation depends on beside the object. */
export interface ValidateOptions {
  readonly kinds: readonly Kind[];
  readonly mesh: MeshConfig;
}

/** Reports everything at once. Objects of groups that are none of the mesh's yield nothing and no diagnostic. */
export function validateObject(object: RawObject, { kinds, mesh }: ValidateOptions): Validated {
  const kind = kinds.find((one) => one.group === object.group && one.kind === object.kind);
  if (kind === undefined) return { facts: [], diagnostics: judgeUnlisted(object) };
  if (!kind.versions.includes(object.version)) {
    return { facts: [], diagnostics: [unknownVersion(object, kind.versions)] };
  }
  return decode(object, kind, mesh);
}

function decode(object: RawObject, kind: Kind, mesh: MeshConfig): Validated {
  const diagnostics: Diagnostic[] = [];
  const violations = kind.schema?.(object.value) ?? [];
  const certain = violations.filter(({ vague }) => vague !== true);
  for (const { code, path, message } of certain) diagnostics.push(diagnosticAt(object, code, path, message));
  if (object.name === "") {
    diagnostics.push(diagnosticAt(object, "missing-field", ["metadata"], "the object has no metadata.name"));
  }
  const { namespace } = object;
  if (namespace !== "" && !isDnsLabel(namespace)) {
    const message = `"${namespace}" is not the name of a namespace: letters, digits and inner hyphens, at most 63`;
    diagnostics.push(diagnosticAt(object, "invalid-name", ["metadata", "namespace"], message));
  }
  if (Object.keys(kind.fields).length > 0) {
    checkFields(object.value, kind.fields, (code, path, message) => {
      diagnostics.push(diagnosticAt(object, code, path, message));
    });
  }
  const reader = objectReader(
    object,
    mesh,
    certain.map(({ path }) => path),
  );
  const facts = kind.decode(object, reader);
  diagnostics.push(...reader.diagnostics);
  for (const { code, path, message } of violations.filter(({ vague }) => vague === true)) {
    if (!reader.hasReported(path)) diagnostics.push(diagnosticAt(object, code, path, message));
  }
  return { facts: hasErrors(diagnostics) ? [] : facts, diagnostics };
}

function judgeUnlisted(object: RawObject): readonly Diagnostic[] {
  const { group, kind, version } = object;
  const known = lookUpstream(group, kind);
  switch (known.type) {
    case "foreign":
      return [];
    case "upstream":
      if (!known.versions.includes(version)) return [unknownVersion(object, known.versions)];
      return [
        diagnosticAt(
          object,
          "unsupported-kind",
          ["kind"],
          `${kind} of ${group} is not supported yet; it has no effect`,
        ),
      ];
    case "misspelt": {
      const meant = nearestName(kind, known.kinds);
      const guess = meant === undefined ? "" : `; did you mean "${meant}"?`;
      const help = `kinds of ${group}: ${known.kinds.toSorted().join(", ")}`;
      return [diagnosticAt(object, "unknown-kind", ["kind"], `${group} has no kind "${kind}"${guess}`, help)];
    }
  }
}

function unknownVersion(object: RawObject, versions: readonly string[]): Diagnostic {
  const message = `${object.group || "the core group"} has no version "${object.version}" of ${object.kind}`;
  return diagnosticAt(
    object,
    "unknown-api-version",
    ["apiVersion"],
    message,
    `use one of: ${versions.join(", ")}`,
  );
}
