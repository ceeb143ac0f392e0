// Packs typed Envoy messages into google.protobuf.Any. A message goes in with its schema; what it means is not known here.

import { create, type DescMessage, type Message, type MessageShape } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { canonicalBinary } from "#encoding";

const packed = new WeakMap<Message, Any>();

/** What an `Any` was packed from. */
export interface Packed {
  readonly schema: DescMessage;
  readonly message: Message;
}

const contents = new WeakMap<Any, Packed>();

/**
 * The message as `type.googleapis.com/<type name>` and its bytes. Packing the same object again gives the same `Any`,
 * so callers may keep constant messages in a `const` and pack them wherever they are used; a packed message must not be
 * changed afterwards.
 */
export function packAny<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): Any {
  const known = packed.get(message);
  if (known !== undefined) return known;
  const any = create(AnySchema, {
    typeUrl: `type.googleapis.com/${schema.typeName}`,
    value: canonicalBinary(schema, message),
  });
  packed.set(message, any);
  contents.set(any, { schema, message });
  return any;
}

/** The message in an `Any` of `packAny`, without decoding it; undefined for one that came from elsewhere. */
export function contentsOf(any: Any): Packed | undefined {
  return contents.get(any);
}
