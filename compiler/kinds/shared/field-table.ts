// Field tables written as they nest, flattened into the paths that a kind publishes.

import type { FieldState } from "../kind.ts";

/** Keys are field names; `name[]` is a list, `name{}` a mapping with keys of the user's. */
export interface FieldTable {
  readonly [field: string]: FieldState | FieldTable;
}

/** Paths below `prefix` to states. */
export function flattenFields(table: FieldTable, prefix = "spec"): Readonly<Record<string, FieldState>> {
  return Object.fromEntries(
    Object.entries(table).flatMap(([field, inner]) => {
      const path = prefix === "" ? field : `${prefix}.${field}`;
      return isState(inner) ? [[path, inner] as const] : Object.entries(flattenFields(inner, path));
    }),
  );
}

function isState(inner: FieldState | FieldTable): inner is FieldState {
  return typeof inner === "string" || typeof inner.ignored === "string";
}

/** A field that is accepted and does nothing, by design. */
export function ignored(why: string): FieldState {
  return { ignored: why };
}
