// Compares the fields that an object has with the table of those that its kind has: names that do not exist, and names
// that exist and do nothing.

import { isJsonObject, type JsonObject, type JsonValue, type Path } from "../1-parse/index.ts";
import type { Code } from "../diagnostics/index.ts";
import type { Kind } from "../kinds/kind.ts";
import { type FieldNode, fieldTree } from "./field-tree.ts";
import { nearestName } from "./nearest-name.ts";

export type ReportField = (code: Code, path: Path, message: string) => void;

/** What every Kubernetes object may have beside the fields of its kind. */
const envelope: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata", "status"]);

/** ObjectMeta of Kubernetes; the server's own fields appear in objects that were read back. */
const metadataFields: ReadonlySet<string> = new Set([
  "annotations",
  "clusterName",
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "finalizers",
  "generateName",
  "generation",
  "labels",
  "managedFields",
  "name",
  "namespace",
  "ownerReferences",
  "resourceVersion",
  "selfLink",
  "uid",
]);

export function checkFields(value: JsonObject, fields: Kind["fields"], report: ReportField): void {
  const tree = fieldTree(fields);
  for (const [name, child] of Object.entries(value)) {
    if (envelope.has(name)) continue;
    checkField(name, child, tree, [], () => [...tree.fields.keys(), ...envelope], report);
  }
  checkMetadata(value.metadata, report);
}

function checkMetadata(metadata: JsonValue | undefined, report: ReportField): void {
  if (!isJsonObject(metadata)) return;
  for (const name of Object.keys(metadata)) {
    if (!metadataFields.has(name)) reportUnknown(name, ["metadata"], metadataFields, report);
  }
}

function checkField(
  name: string,
  value: JsonValue,
  parent: FieldNode,
  parentPath: Path,
  siblings: () => Iterable<string>,
  report: ReportField,
): void {
  const node = parent.fields.get(name);
  if (node === undefined) reportUnknown(name, parentPath, siblings(), report);
  else if (value !== null) checkValue(value, node, [...parentPath, name], name, report);
}

function checkValue(value: JsonValue, node: FieldNode, path: Path, name: string, report: ReportField): void {
  if (node.state === "no") {
    report("unsupported-field", path, `"${name}" is not supported yet; it has no effect`);
    return;
  }
  if (typeof node.state === "object") {
    if (node.state.ignored !== "")
      report("ineffective-field", path, `"${name}" has no effect: ${node.state.ignored}`);
    return;
  }
  const { items, values } = node;
  if (Array.isArray(value)) {
    if (items === undefined) return;
    value.forEach((item: JsonValue, index) => {
      checkValue(item, items, [...path, index], name, report);
    });
  } else if (isJsonObject(value)) {
    for (const [key, child] of Object.entries(value)) {
      if (values !== undefined) checkValue(child, values, [...path, key], key, report);
      else if (node.fields.size > 0) checkField(key, child, node, path, () => node.fields.keys(), report);
    }
  }
}

function reportUnknown(name: string, parent: Path, siblings: Iterable<string>, report: ReportField): void {
  const meant = nearestName(name, siblings);
  const guess = meant === undefined ? "" : `; did you mean "${meant}"?`;
  report("unknown-field", [...parent, name], `unknown field "${name}"${guess}`);
}
