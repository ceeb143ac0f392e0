// Configuration as plain JSON, and how to get at what is in it. Made for messages of which somebody else decides what is there.

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What stands there, as deep as there are names; undefined where one of them leads nowhere. */
export function member(value: Json | undefined, ...names: readonly string[]): Json | undefined {
  return names.reduce<Json | undefined>((inner, name) => (isObject(inner) ? inner[name] : undefined), value);
}

/** The objects of a list; none where there is no list. */
export function objectsIn(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function textsIn(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

/** Empty where there is no text. */
export function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** None where there is no object. */
export function entriesOf(value: Json | undefined): readonly (readonly [string, Json | undefined])[] {
  return isObject(value) ? Object.entries(value) : [];
}

export function without(value: Json | undefined, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(entriesOf(value).filter(([name]) => !names.includes(name)));
}

export function mapMembers(
  value: Json | undefined,
  change: (inner: Json | undefined, name: string) => Json | undefined,
): JsonObject {
  return Object.fromEntries(entriesOf(value).map(([name, inner]) => [name, change(inner, name)]));
}

/** Whatever has one of these names, at any depth, but not inside of each other. */
export function valuesCalled(value: Json | undefined, ...names: readonly string[]): readonly Json[] {
  if (Array.isArray(value)) return value.flatMap((each) => valuesCalled(each, ...names));
  return entriesOf(value).flatMap(([name, inner]) =>
    names.includes(name) ? [inner ?? null] : valuesCalled(inner, ...names),
  );
}

/** Of several with the same name the last one counts. */
export function byName(
  all: readonly JsonObject[],
  nameOf: (each: JsonObject) => string,
  view: (each: JsonObject) => Json,
): JsonObject {
  return Object.fromEntries(all.map((each) => [nameOf(each), view(each)]));
}

/** The same text for the same meaning: keys sorted, and what is undefined left out. */
export function canonical(value: Json | undefined): string {
  return (
    JSON.stringify(value, (_, inner: Json) =>
      isObject(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? "undefined"
  );
}

/** For lists whose order means nothing. */
export function sorted(all: readonly Json[]): readonly Json[] {
  return [...all].sort((a, b) => (canonical(a) < canonical(b) ? -1 : 1));
}

/** `type.googleapis.com/envoy.some.package.Name` without all that is before the name. */
export function typeName(any: Json | undefined): string {
  return textOf(member(any, "@type")).split(".").at(-1) ?? "";
}
