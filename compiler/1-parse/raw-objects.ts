// A parsed document → the Kubernetes objects in it: one, or the items of a list. What is not an object is remarked on
// and skipped; whether a kind exists is decided later.

import { type Diagnostic, diagnostic } from "../diagnostics/index.ts";
import type { Position } from "../model/origin.ts";
import { isClusterScoped } from "./cluster-scoped.ts";
import { looksLikeMeshSettings } from "./mesh-settings.ts";
import { isJsonObject, type JsonObject, type JsonValue, type Path, type RawObject } from "./raw-object.ts";

/** A document of a file: its data, and where each part of it stands. */
export interface DocumentSource {
  readonly file: string;
  readonly value: JsonValue;
  locate(path: Path, options?: { readonly key?: boolean }): Position;
}

export interface Extracted {
  readonly objects: readonly RawObject[];
  readonly diagnostics: readonly Diagnostic[];
}

const nothing: Extracted = { objects: [], diagnostics: [] };

/** Empty documents yield nothing; lists (`List`, `ServiceList`, ...) yield their items. */
export function extractObjects(source: DocumentSource): Extracted {
  return extract(source, source.value, [], undefined);
}

interface TypeMeta {
  readonly apiVersion: string;
  readonly kind: string;
}

/** `inherited`: what the items of a typed list are when they do not say so themselves. */
function extract(
  source: DocumentSource,
  value: JsonValue,
  path: Path,
  inherited: TypeMeta | undefined,
): Extracted {
  if (value === null) return nothing;
  if (!isJsonObject(value)) return refuse(source, path, "not-an-object", "this is not a Kubernetes object");
  const { apiVersion = inherited?.apiVersion, kind = inherited?.kind } = value;
  if (!isText(apiVersion) || !isText(kind)) return refuseUntyped(source, value, path);
  if (kind.endsWith("List") && Array.isArray(value.items)) {
    return extractItems(source, value.items, [...path, "items"], { apiVersion, kind });
  }
  return { objects: [rawObject(source, value, path, { apiVersion, kind })], diagnostics: [] };
}

function extractItems(
  source: DocumentSource,
  items: readonly JsonValue[],
  path: Path,
  list: TypeMeta,
): Extracted {
  const kind = list.kind.slice(0, -"List".length);
  const inherited = kind === "" ? undefined : { apiVersion: list.apiVersion, kind };
  const extracted = items.map((item, index) => extract(source, item, [...path, index], inherited));
  return {
    objects: extracted.flatMap(({ objects }) => objects),
    diagnostics: extracted.flatMap(({ diagnostics }) => diagnostics),
  };
}

function refuseUntyped(source: DocumentSource, value: JsonObject, path: Path): Extracted {
  const { apiVersion, kind, metadata } = value;
  if (looksLikeMeshSettings(value)) {
    const message =
      "this is not a Kubernetes object, and looks like mesh settings, which have no effect here";
    return refuse(source, path, "not-an-object", message, "give the file with --mesh-config");
  }
  // Helm's Chart.yaml has an apiVersion, a values file may have a kind: only metadata makes it look like an object.
  if ((apiVersion === undefined && kind === undefined) || metadata === undefined) {
    return refuse(
      source,
      path,
      "not-an-object",
      "this is not a Kubernetes object: apiVersion and kind are missing",
    );
  }
  const missing = isText(apiVersion) ? "kind" : "apiVersion";
  return refuse(
    source,
    path,
    "missing-kind",
    `the object has no ${missing}, so that nobody can tell what it is`,
  );
}

function refuse(
  source: DocumentSource,
  path: Path,
  code: "not-an-object" | "missing-kind",
  message: string,
  help?: string,
): Extracted {
  return { objects: [], diagnostics: [diagnostic(code, source.locate(path), message, { help })] };
}

function rawObject(source: DocumentSource, value: JsonObject, path: Path, type: TypeMeta): RawObject {
  const slash = type.apiVersion.indexOf("/");
  const group = slash === -1 ? "" : type.apiVersion.slice(0, slash);
  const metadata = isJsonObject(value.metadata) ? value.metadata : {};
  const { name, generateName, namespace, creationTimestamp } = metadata;
  return {
    file: source.file,
    group,
    version: type.apiVersion.slice(slash + 1),
    kind: type.kind,
    name: isText(name) ? name : isText(generateName) ? generateName : "",
    namespace: isClusterScoped(group, type.kind) ? "" : isText(namespace) ? namespace : "default",
    labels: textValues(metadata.labels),
    annotations: textValues(metadata.annotations),
    ...(isText(creationTimestamp) ? { created: creationTimestamp } : {}),
    value,
    locate:
      path.length === 0 ? source.locate : (inner, options) => source.locate([...path, ...inner], options),
  };
}

function isText(value: JsonValue | undefined): value is string {
  return typeof value === "string" && value !== "";
}

function textValues(value: JsonValue | undefined): Readonly<Record<string, string>> {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
