// The mesh-wide settings as a raw object of kind `MeshConfig`, whichever container a file keeps them in: bare, under
// `mesh` in the ConfigMap that an Istio installation has, or under `spec.meshConfig` of an installation manifest.

import { type Diagnostic, diagnostic } from "../diagnostics/index.ts";
import { type ParsedDocument, parseDocuments } from "./parse-documents.ts";
import { isJsonObject, type JsonObject, type Path, type RawObject } from "./raw-object.ts";
import type { Extracted } from "./raw-objects.ts";
import { locateIn } from "./text-lines.ts";
import { readYamlTree } from "./yaml-tree.ts";

export interface ParsedMeshConfig {
  /** Absent when the text has none, or cannot be read. Its paths begin at the settings themselves. */
  readonly object?: RawObject;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a mesh configuration file. Several documents: the first one that holds settings counts. */
export function parseMeshConfig(file: string, text: string): ParsedMeshConfig {
  const { documents, diagnostics } = parseDocuments(file, text);
  for (const document of documents) {
    const found = settingsOf(document, text);
    if (found !== undefined) {
      return { ...found, diagnostics: [...diagnostics, ...found.diagnostics] };
    }
  }
  return { diagnostics };
}

/** The ConfigMap in which an Istio installation keeps its settings. */
const installationMap = "istio";

/** The settings in that ConfigMap, with the ConfigMap's namespace; nothing for any other document. */
export function embeddedMeshConfig(document: ParsedDocument, text: string): Extracted {
  const { value } = document;
  const metadata =
    isJsonObject(value) && value.kind === "ConfigMap" && isJsonObject(value.metadata) ? value.metadata : {};
  if (!isJsonObject(value) || metadata.name !== installationMap) return { objects: [], diagnostics: [] };
  const found = embeddedSettings(document, value, text);
  if (found?.object === undefined) return { objects: [], diagnostics: found?.diagnostics ?? [] };
  const namespace = typeof metadata.namespace === "string" ? metadata.namespace : "default";
  return { objects: [{ ...found.object, namespace }], diagnostics: found.diagnostics };
}

function settingsOf(document: ParsedDocument, text: string): ParsedMeshConfig | undefined {
  const { value } = document;
  if (!isJsonObject(value)) return undefined;
  if (value.kind === undefined) return settingsAt(document, value, []);
  if (value.kind === "ConfigMap") return embeddedSettings(document, value, text);
  const path = ["spec", "meshConfig"];
  const inner = isJsonObject(value.spec) ? value.spec.meshConfig : undefined;
  return isJsonObject(inner) ? settingsAt(document, inner, path) : undefined;
}

function settingsAt(document: ParsedDocument, value: JsonObject, prefix: Path): ParsedMeshConfig {
  const locate: RawObject["locate"] = (path, options) => document.locate([...prefix, ...path], options);
  return { object: settings(document.file, value, locate), diagnostics: [] };
}

/** The settings as a text inside the text: `data.mesh: |`. */
function embeddedSettings(
  document: ParsedDocument,
  map: JsonObject,
  text: string,
): ParsedMeshConfig | undefined {
  const path = ["data", "mesh"];
  const inner = isJsonObject(map.data) ? map.data.mesh : undefined;
  if (typeof inner !== "string") return undefined;
  const tree = readYamlTree(inner);
  const outer = blockScalar(document, path, text);
  const position = (start: number, end: number) => {
    const within = locateIn(document.file, inner)(start, end);
    if (outer === undefined) return document.locate(path);
    return { ...within, line: within.line + outer.line, column: within.column + outer.indent };
  };
  const diagnostics = tree.problems.map(({ code, message, start, end }) =>
    diagnostic(code, position(start, end), message),
  );
  if (!isJsonObject(tree.value)) return { diagnostics };
  const locate: RawObject["locate"] = (at, options) => position(...tree.range(at, options?.key ?? false));
  return { object: settings(document.file, tree.value, locate), diagnostics };
}

/** How many lines stand above the first line of a literal block scalar, and how far it is indented. */
function blockScalar(
  document: ParsedDocument,
  path: Path,
  text: string,
): { readonly line: number; readonly indent: number } | undefined {
  const scalar = document.tree.scalarAt(path);
  if (scalar?.type !== "BLOCK_LITERAL") return undefined;
  const { line } = document.locate(path);
  const body = text.split("\n").slice(line);
  const first = body.find((one) => one.trim() !== "");
  return { line, indent: first === undefined ? 0 : first.length - first.trimStart().length };
}

function settings(file: string, value: JsonObject, locate: RawObject["locate"]): RawObject {
  return {
    file,
    group: "",
    version: "v1alpha1",
    kind: "MeshConfig",
    name: "mesh",
    namespace: "",
    labels: {},
    annotations: {},
    value,
    locate,
  };
}
