// Policy objects as plain data that may be changed, and the places in them.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member of a mapping or list. */
export interface Place {
  readonly parent: JsonObject | Json[];
  readonly key: string;
}

export function valueAt({ parent, key }: Place): Json | undefined {
  return (parent as JsonObject)[key];
}

/** A key of any name becomes a member, `__proto__` too. */
export function setAt({ parent, key }: Place, value: Json): void {
  Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Every place at any depth, parents first. */
export function placesIn(value: Json): readonly Place[] {
  if (typeof value !== "object" || value === null) return [];
  const parent = value as JsonObject | Json[];
  return Object.keys(parent).flatMap((key) => [
    { parent, key },
    ...placesIn(valueAt({ parent, key }) ?? null),
  ]);
}
