// A message in, its one canonical encoding out: fields in order of number, maps in order of key. protobuf leaves the order of
// map entries open, and the library writes them as they were inserted. Parts that are `share`d are encoded once.

import {
  type DescField,
  type DescMessage,
  type JsonValue,
  type Message,
  type MessageShape,
  ScalarType,
} from "@bufbuild/protobuf";
import { type BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { isWrapperDesc, StructSchema, ValueSchema } from "@bufbuild/protobuf/wkt";
import { isShared } from "./shared.ts";
import { written } from "./written.ts";

/**
 * The message's bytes with every map, `google.protobuf.Struct` included, in order of key. What is packed in an `Any` has been
 * encoded already and is not looked into. A `share`d message that is part of it is encoded at its first occurrence anywhere.
 */
export function canonicalBinary<Desc extends DescMessage>(
  schema: Desc,
  message: MessageShape<Desc>,
): Uint8Array {
  return written((writer) => encoderOf(schema)(writer, message as unknown as Fields));
}

const { Varint, Bit64, Bit32, LengthDelimited } = WireType;

/** Generated messages seen by property name, which is how they are read here. */
type Fields = Readonly<Record<string, unknown>> & Pick<Message, "$unknown">;
/** Writes what a message has in it. */
type Encoder = (writer: BinaryWriter, message: Fields) => void;
/** Writes a value without a tag. */
type ValueEncoder = (writer: BinaryWriter, value: unknown) => void;

const encoders = new WeakMap<DescMessage, Encoder>();

function encoderOf(schema: DescMessage): Encoder {
  const known = encoders.get(schema);
  if (known) return known;
  const fields = schema.fields.toSorted((a, b) => a.number - b.number).map(memberEncoder);
  const encoder: Encoder = (writer, message) => {
    // By index: most of this runs before anything is compiled, where an iterator costs several times as much.
    for (let at = 0; at < fields.length; at++) fields[at]?.(writer, message);
    if (message.$unknown)
      for (const { no, wireType, data } of message.$unknown) writer.tag(no, wireType).raw(data);
  };
  encoders.set(schema, encoder);
  return encoder;
}

/** Writes one field of a message, if it is set. */
function memberEncoder(field: DescField): Encoder {
  const { localName, oneof } = field;
  switch (field.fieldKind) {
    case "list": {
      const encode = listEncoder(field);
      return (writer, message) => {
        const list = message[localName] as readonly unknown[];
        if (list.length > 0) encode(writer, list);
      };
    }
    case "map": {
      const encode = mapEncoder(field);
      return (writer, message) => {
        const entries = message[localName] as Fields;
        for (const key of sortedKeys(entries)) encode(writer, key, entries[key]);
      };
    }
    default: {
      const encode = tagged(field.number, singularEncoder(field));
      if (oneof) {
        const slot = oneof.localName;
        return (writer, message) => {
          const chosen = message[slot] as { readonly case?: string; readonly value?: unknown };
          if (chosen.case === localName) encode(writer, chosen.value);
        };
      }
      const isUnset = unsetTest(field);
      return (writer, message) => {
        const value = message[localName];
        if (!isUnset(value, message)) encode(writer, value);
      };
    }
  }
}

type Singular = DescField & { readonly fieldKind: "scalar" | "enum" | "message" };

/** Of `FeatureSet.FieldPresence`: a field that is set when it is not zero. */
const implicit = 2;

function unsetTest(field: Singular): (value: unknown, message: Fields) => boolean {
  const { localName } = field;
  if (field.fieldKind === "message") return (value) => value === undefined;
  // Where presence is tracked, the default value may stand in the prototype.
  if (field.presence !== implicit) return (_, message) => !Object.hasOwn(message, localName);
  if (field.fieldKind === "enum") {
    const zero = field.enum.values[0]?.number;
    return (value) => value === zero;
  }
  switch (field.scalar) {
    case ScalarType.STRING:
      return (value) => value === "";
    case ScalarType.BOOL:
      return (value) => value === false;
    case ScalarType.BYTES:
      return (value) => (value as Uint8Array).byteLength === 0;
    case ScalarType.FLOAT:
    case ScalarType.DOUBLE:
      // -0 is a value.
      return (value) => Object.is(value, 0);
    default:
      return (value) => Number(value) === 0;
  }
}

interface Kind {
  readonly wireType: WireType;
  readonly encode: ValueEncoder;
}

function tagOf(number: number, wireType: WireType): number {
  return ((number << 3) | wireType) >>> 0;
}

function tagged(number: number, { wireType, encode }: Kind): ValueEncoder {
  const tag = tagOf(number, wireType);
  return (writer, value) => {
    writer.uint32(tag);
    encode(writer, value);
  };
}

function singularEncoder(field: Singular): Kind {
  switch (field.fieldKind) {
    case "message":
      // The runtime holds a wrapper as the value in it, but not in lists, maps and oneofs.
      return !field.oneof && isWrapperDesc(field.message)
        ? wrapped(field.message)
        : messageEncoder(field, field.message);
    case "scalar":
      return scalarEncoder(field.scalar);
    case "enum":
      return scalarEncoder(ScalarType.INT32);
  }
}

type Listed = DescField & { readonly fieldKind: "list" };
type Mapped = DescField & { readonly fieldKind: "map" };

function elementEncoder(field: Listed | Mapped): Kind {
  return field.message
    ? messageEncoder(field, field.message)
    : scalarEncoder(field.scalar ?? ScalarType.INT32);
}

function listEncoder(field: Listed): ValueEncoder {
  const element = elementEncoder(field);
  if (field.listKind !== "message" && field.packed) {
    return tagged(field.number, {
      wireType: LengthDelimited,
      encode: (writer, list) => {
        writer.fork();
        for (const value of list as readonly unknown[]) element.encode(writer, value);
        writer.join();
      },
    });
  }
  const encode = tagged(field.number, element);
  return (writer, list) => {
    for (const value of list as readonly unknown[]) encode(writer, value);
  };
}

/** An entry is a message with the key as its field 1 and the value as its field 2. */
function mapEncoder(field: Mapped) {
  const keyOf = keyReader(field.mapKey);
  const encodeKey = tagged(1, scalarEncoder(field.mapKey));
  const encodeValue = tagged(2, elementEncoder(field));
  const tag = tagOf(field.number, LengthDelimited);
  return (writer: BinaryWriter, key: string, value: unknown): void => {
    writer.uint32(tag).fork();
    encodeKey(writer, keyOf(key));
    encodeValue(writer, value);
    writer.join();
  };
}

/** Keys of a map are property names here, whatever they are in the message. */
function keyReader(type: ScalarType): (key: string) => unknown {
  switch (type) {
    case ScalarType.STRING:
      return (key) => key;
    case ScalarType.BOOL:
      return (key) => key === "true";
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return BigInt;
    default:
      return Number;
  }
}

function sortedKeys(entries: object): readonly string[] {
  const keys = Object.keys(entries);
  return keys.length > 1 ? keys.sort() : keys;
}

/** Made when the first such message is met: message types contain themselves, and most that could be there never are. */
function messageEncoder(field: DescField, schema: DescMessage): Kind {
  const wireType = LengthDelimited;
  if (field.parent.typeName !== ValueSchema.typeName && schema.typeName === StructSchema.typeName)
    return { wireType, encode: encodeStruct };
  if ("delimitedEncoding" in field && field.delimitedEncoding)
    throw new Error(`${field.parent.typeName}.${field.name} is a group, which Envoy has none of`);
  let encodeFields: Encoder | undefined;
  const encode: ValueEncoder = (writer, value) => {
    if (isShared(value as Message)) {
      writer.bytes(sharedBytes(schema, value as Message));
      return;
    }
    encodeFields ??= encoderOf(schema);
    writer.fork();
    encodeFields(writer, value as Fields);
    writer.join();
  };
  return { wireType, encode };
}

const known = new WeakMap<Message, Uint8Array>();

function sharedBytes(schema: DescMessage, part: Message): Uint8Array {
  return known.getOrInsertComputed(part, () => canonicalBinary(schema, part));
}

function wrapped(schema: DescMessage): Kind {
  const [inner] = schema.fields;
  if (inner?.fieldKind !== "scalar") throw new Error(`${schema.typeName} is no wrapper`);
  const encode = tagged(1, scalarEncoder(inner.scalar));
  const isUnset = unsetTest(inner);
  return {
    wireType: LengthDelimited,
    encode: (writer, value) => {
      writer.fork();
      if (!isUnset(value, {})) encode(writer, value);
      writer.join();
    },
  };
}

/** The runtime holds a `Struct` as JSON. Numbers of fields: struct.proto. */
function encodeStruct(writer: BinaryWriter, value: unknown): void {
  const json = value as Readonly<Record<string, JsonValue>>;
  writer.fork();
  for (const key of sortedKeys(json)) {
    writer.tag(1, LengthDelimited).fork();
    writer.tag(1, LengthDelimited).string(key);
    writer.tag(2, LengthDelimited);
    encodeJson(writer, json[key] ?? null);
    writer.join();
  }
  writer.join();
}

function encodeJson(writer: BinaryWriter, json: JsonValue): void {
  writer.fork();
  if (json === null) writer.tag(1, Varint).int32(0);
  else if (typeof json === "number") writer.tag(2, Bit64).double(json);
  else if (typeof json === "string") writer.tag(3, LengthDelimited).string(json);
  else if (typeof json === "boolean") writer.tag(4, Varint).bool(json);
  else if (!Array.isArray(json)) encodeStruct(writer.tag(5, LengthDelimited), json);
  else {
    writer.tag(6, LengthDelimited).fork();
    for (const item of json) encodeJson(writer.tag(1, LengthDelimited), item);
    writer.join();
  }
  writer.join();
}

function scalarEncoder(type: ScalarType): Kind {
  const [wireType, encode] = scalars[type];
  return { wireType, encode: encode as ValueEncoder };
}

type ScalarEncoder = (writer: BinaryWriter, value: never) => unknown;

const scalars: Readonly<Record<ScalarType, readonly [WireType, ScalarEncoder]>> = {
  [ScalarType.DOUBLE]: [Bit64, (writer, value) => writer.double(value)],
  [ScalarType.FLOAT]: [Bit32, (writer, value) => writer.float(value)],
  [ScalarType.INT64]: [Varint, (writer, value) => writer.int64(value)],
  [ScalarType.UINT64]: [Varint, (writer, value) => writer.uint64(value)],
  [ScalarType.INT32]: [Varint, (writer, value) => writer.int32(value)],
  [ScalarType.FIXED64]: [Bit64, (writer, value) => writer.fixed64(value)],
  [ScalarType.FIXED32]: [Bit32, (writer, value) => writer.fixed32(value)],
  [ScalarType.BOOL]: [Varint, (writer, value) => writer.bool(value)],
  [ScalarType.STRING]: [LengthDelimited, (writer, value) => writer.string(value)],
  [ScalarType.BYTES]: [LengthDelimited, (writer, value) => writer.bytes(value)],
  [ScalarType.UINT32]: [Varint, (writer, value) => writer.uint32(value)],
  [ScalarType.SFIXED32]: [Bit32, (writer, value) => writer.sfixed32(value)],
  [ScalarType.SFIXED64]: [Bit64, (writer, value) => writer.sfixed64(value)],
  [ScalarType.SINT32]: [Varint, (writer, value) => writer.sint32(value)],
  [ScalarType.SINT64]: [Varint, (writer, value) => writer.sint64(value)],
};
