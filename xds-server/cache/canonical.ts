// A message in, its one canonical encoding out: protobuf leaves the order of map entries open and protobuf-es writes them
// as inserted, so they are sorted here. Bytes inside an `Any` are the compiler's own and are not looked into.

import { type DescField, type DescMessage, type Message, toBinary } from "@bufbuild/protobuf";

/** The message's bytes with every map, `google.protobuf.Struct` included, in key order. Does not change the message. */
export function canonicalBinary(schema: DescMessage, message: Message): Uint8Array {
  return toBinary(schema, sortedMessage(schema, message as unknown as Fields) as unknown as Message);
}

type Fields = Readonly<Record<string, unknown>>;
const struct = "google.protobuf.Struct";
const visited = new WeakMap<DescMessage, readonly DescField[]>();

/** The fields through which a map can be reached; most messages have none and cost nothing. */
function fieldsWithMaps(schema: DescMessage): readonly DescField[] {
  const known = visited.get(schema);
  if (known) return known;
  const fields = schema.fields.filter((field) => reachesMap(field, new Set([schema])));
  visited.set(schema, fields);
  return fields;
}

function reachesMap(field: DescField, seen: Set<DescMessage>): boolean {
  if (field.fieldKind === "map") return true;
  const message = field.message;
  if (!message) return false;
  if (message.typeName === struct) return true;
  if (seen.has(message)) return false;
  seen.add(message);
  return message.fields.some((inner) => reachesMap(inner, seen));
}

function sortedMessage(schema: DescMessage, message: Fields): Fields {
  let changes: Record<string, unknown> | undefined;
  for (const field of fieldsWithMaps(schema)) {
    const slot = field.oneof?.localName ?? field.localName;
    const held = message[slot];
    if (held === undefined) continue;
    if (field.oneof) {
      const chosen = held as { readonly case?: string; readonly value?: unknown };
      if (chosen.case !== field.localName) continue;
      const value = sortedValue(field, chosen.value);
      if (value !== chosen.value) changes = { ...changes, [slot]: { case: chosen.case, value } };
    } else {
      const value = sortedValue(field, held);
      if (value !== held) changes = { ...changes, [slot]: value };
    }
  }
  return changes ? Object.assign(Object.create(Object.getPrototypeOf(message)), message, changes) : message;
}

function sortedValue(field: DescField, value: unknown): unknown {
  switch (field.fieldKind) {
    case "message":
      return sortedElement(field.message, value);
    case "list": {
      const inner = field.message;
      return inner
        ? sortedList(value as readonly unknown[], (element) => sortedElement(inner, element))
        : value;
    }
    case "map": {
      const inner = field.message;
      return sortedObject(
        value as Fields,
        inner ? (element) => sortedElement(inner, element) : (same) => same,
      );
    }
    case "scalar":
    case "enum":
      return value;
  }
}

/** protobuf-es holds a `Struct` field as a plain JSON object. */
function sortedElement(schema: DescMessage, value: unknown): unknown {
  return schema.typeName === struct ? sortedJson(value) : sortedMessage(schema, value as Fields);
}

function sortedJson(value: unknown): unknown {
  if (Array.isArray(value)) return sortedList(value, sortedJson);
  return typeof value === "object" && value !== null ? sortedObject(value as Fields, sortedJson) : value;
}

function sortedList(list: readonly unknown[], sort: (element: unknown) => unknown): readonly unknown[] {
  const sorted = list.map(sort);
  return sorted.some((element, index) => element !== list[index]) ? sorted : list;
}

function sortedObject(object: Fields, sort: (value: unknown) => unknown): Fields {
  const keys = Object.keys(object);
  const ordered = keys.toSorted();
  const entries = ordered.map((key) => [key, sort(object[key])] as const);
  const same = entries.every(([key, value], index) => key === keys[index] && value === object[key]);
  return same ? object : Object.fromEntries(entries);
}
