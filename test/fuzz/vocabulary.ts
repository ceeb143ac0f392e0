// What policies in the field say: the values that each field name has somewhere in the corpus, and the fields that each
// kind may have. Mutations draw from it, so that they are wrong in interesting ways, or not at all.

import { kinds } from "../../compiler/kinds/registry.ts";
import { isObject, type Json, placesIn, valueAt } from "./json.ts";

export interface Vocabulary {
  /** Field name → values it has somewhere. */
  readonly values: ReadonlyMap<string, readonly Json[]>;
  /** Kind → paths of its fields, as in the support table: `spec.http[].timeout`. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
}

export function vocabularyOf(documents: readonly Json[]): Vocabulary {
  const values = new Map<string, Map<string, Json>>();
  for (const place of documents.flatMap(placesIn)) {
    const name = Array.isArray(place.parent) ? "[]" : place.key;
    const value = valueAt(place) ?? null;
    const known = values.get(name) ?? new Map<string, Json>();
    values.set(name, known);
    if (known.size < 60) known.set(JSON.stringify(value), value);
  }
  const fields = kinds
    .filter((kind) => Object.keys(kind.fields).length > 0)
    .map((kind) => [kind.kind, Object.keys(kind.fields)] as const);
  return {
    values: new Map([...values].map(([name, known]) => [name, [...known.values()]])),
    fields: new Map(fields),
  };
}

/** What kind a document says it is. */
export function kindOf(document: Json): string {
  return isObject(document) && typeof document.kind === "string" ? document.kind : "";
}
