// The text of one file → the objects in it, with a diagnostic for each document that could not be read.

import { embeddedMeshConfig } from "./mesh-config.ts";
import { parseDocuments } from "./parse-documents.ts";
import { type Extracted, extractObjects } from "./raw-objects.ts";

/** Objects in the order of the text. */
export type ParsedText = Extracted;

/**
 * YAML or JSON, any number of documents; `file` is only a name, which positions repeat. The ConfigMap that holds an
 * installation's mesh settings yields these as an object of their own beside it.
 */
export function parseText(file: string, text: string): ParsedText {
  const { documents, diagnostics } = parseDocuments(file, text);
  const extracted = documents.flatMap((document) => [
    extractObjects(document),
    embeddedMeshConfig(document, text),
  ]);
  return {
    objects: extracted.flatMap(({ objects }) => objects),
    diagnostics: [...diagnostics, ...extracted.flatMap((one) => one.diagnostics)],
  };
}
