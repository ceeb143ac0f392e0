// A place in an object: its value, the path to it, and whom to tell what is wrong there. Decoding walks from place to
// place, so that every report knows its line. Absent, null and (for texts) empty values all count as not set, as in
// proto3. A value of the wrong type is reported and counts as not set.

import { isJsonObject, type JsonValue, type Path } from "../../1-parse/index.ts";
import type { Code } from "../../diagnostics/index.ts";
import type { Origin } from "../../model/origin.ts";
import type { Reader } from "../kind.ts";

export interface Place {
  readonly reader: Reader;
  readonly path: Path;
  /** Undefined where nothing is written. */
  readonly value: JsonValue | undefined;
}

/** The `spec` of the object. */
export function specOf(reader: Reader): Place {
  return { reader, path: ["spec"], value: reader.object.value.spec };
}

/** The place of a field, whether something is written there or not. */
export function at(place: Place, ...fields: readonly string[]): Place {
  let { value } = place;
  for (const field of fields) {
    value = isJsonObject(value) && Object.hasOwn(value, field) ? value[field] : undefined;
  }
  return { reader: place.reader, path: [...place.path, ...fields], value };
}

/** Whether anything but null is written there. */
export function isSet(place: Place): boolean {
  return place.value !== undefined && place.value !== null;
}

/** The fields among those named that are set. */
export function setFields(place: Place, fields: readonly string[]): readonly string[] {
  return fields.filter((field) => isSet(at(place, field)));
}

export function report(place: Place, code: Code, message: string, help?: string): void {
  place.reader.report(code, place.path, message, help);
}

export function originAt(place: Place): Origin {
  return place.reader.origin(place.path);
}

/** Undefined when empty. */
export function readText(place: Place): string | undefined {
  const text = readRawText(place);
  return text === "" ? undefined : text;
}

/** A text that may be empty. */
export function readRawText(place: Place): string | undefined {
  if (!isSet(place)) return undefined;
  if (typeof place.value === "string") return place.value;
  return mistyped(place, "a string");
}

export function readNumber(place: Place): number | undefined {
  if (!isSet(place)) return undefined;
  if (typeof place.value === "number") return place.value;
  return mistyped(place, "a number");
}

/** A whole number of at least `least` (0 unless told) and at most 2^32-1. */
export function readWhole(place: Place, least = 0): number | undefined {
  const number = readNumber(place);
  if (number === undefined) return undefined;
  if (Number.isInteger(number) && number >= least && number <= 0xffff_ffff) return number;
  report(place, "invalid-value", `${number} is not a whole number of at least ${least}`);
  return undefined;
}

export function readFlag(place: Place): boolean | undefined {
  if (!isSet(place)) return undefined;
  if (typeof place.value === "boolean") return place.value;
  return mistyped(place, "true or false");
}

/** One of the names that `choices` maps to what they mean. */
export function readChoice<T>(place: Place, choices: Readonly<Record<string, T>>): T | undefined {
  const text = readText(place);
  if (text === undefined) return undefined;
  if (Object.hasOwn(choices, text)) return choices[text];
  report(place, "invalid-value", `"${text}" is not one of ${Object.keys(choices).join(", ")}`);
  return undefined;
}

/** The items of a list; items that are null are reported and left out. */
export function readItems(place: Place): readonly Place[] {
  if (!isSet(place)) return [];
  const { reader, path, value } = place;
  if (!Array.isArray(value)) return mistyped(place, "a list") ?? [];
  const items = value.map(
    (item: JsonValue, index): Place => ({ reader, path: [...path, index], value: item }),
  );
  return items.filter((item) => {
    if (item.value !== null) return true;
    report(item, "invalid-value", "an entry of this list must not be null");
    return false;
  });
}

export function readTexts(place: Place): readonly string[] {
  return readItems(place).flatMap((item) => readRawText(item) ?? []);
}

/** The entries of a mapping, sorted by key: their order has no meaning. */
export function readEntries(place: Place): readonly (readonly [key: string, place: Place])[] {
  if (!isSet(place)) return [];
  if (!isJsonObject(place.value)) return mistyped(place, "a mapping") ?? [];
  return Object.keys(place.value)
    .sort()
    .map((key) => [key, at(place, key)] as const);
}

/** A mapping of texts, such as labels, sorted by key. */
export function readTextMap(place: Place): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readEntries(place).flatMap(([key, entry]) => {
      const text = readRawText(entry);
      return text === undefined ? [] : [[key, text]];
    }),
  );
}

/** For fields that exclude each other: reports every one set beyond the first. */
export function reportExclusive(place: Place, fields: readonly string[]): void {
  const [first, ...rest] = setFields(place, fields);
  for (const other of rest) {
    report(at(place, other), "conflicting-fields", `"${other}" and "${first}" exclude each other`);
  }
}

/** Says that a field is absent at the object that should have it. */
export function reportMissing(place: Place, field: string, why?: string): void {
  const owner = place.path.at(-1);
  const name = typeof owner === "string" ? `"${owner}"` : "this entry";
  const message = `${name} has no "${field}"${why === undefined ? "" : `: ${why}`}`;
  report(at(place, field), "missing-field", message);
}

function mistyped(place: Place, expected: string): undefined {
  const { value } = place;
  const found = Array.isArray(value) ? "a list" : isJsonObject(value) ? "a mapping" : JSON.stringify(value);
  report(place, "invalid-value", `expected ${expected}, not ${found}`);
  return undefined;
}

/** The object without its undefined values: optional fields of the model are absent, never undefined. */
export function compact<T extends object>(fields: { readonly [K in keyof T]: T[K] | undefined }): T;
export function compact(fields: object): object {
  const present: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) present[name] = value;
  return present;
}
