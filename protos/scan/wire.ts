// In: bytes and an offset. Out: where the protobuf field that starts there ends. Knows the wire format only, no message.

/** One length-delimited or scalar field on the wire: its number, its wire type, where its value begins and ends. */
export interface WireField {
  readonly number: number;
  readonly wireType: number;
  readonly valueStart: number;
  readonly end: number;
}

/** A decoded base-128 varint and the offset behind it. */
export interface Varint {
  readonly value: number;
  readonly end: number;
}

/** Reads a varint of at most five bytes (lengths and tags are 32 bits); `undefined` when there is none at `offset`. */
export function readVarint(bytes: Uint8Array, offset: number): Varint | undefined {
  let value = 0;
  for (let index = 0; index < 5; index++) {
    const byte = bytes[offset + index];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: offset + index + 1 };
  }
  return undefined;
}

/** Reads one field; `undefined` when the bytes at `offset` are not one. Groups are not recognised: descriptors have none. */
export function readField(bytes: Uint8Array, offset: number): WireField | undefined {
  const tag = readVarint(bytes, offset);
  if (tag === undefined) return undefined;
  const number = Math.floor(tag.value / 8);
  const wireType = tag.value % 8;
  if (number === 0) return undefined;
  const valueStart = tag.end;
  switch (wireType) {
    case 0: {
      const varint = readVarint(bytes, valueStart);
      return varint && { number, wireType, valueStart, end: varint.end };
    }
    case 2: {
      const length = readVarint(bytes, valueStart);
      if (length === undefined) return undefined;
      const end = length.end + length.value;
      return end > bytes.length ? undefined : { number, wireType, valueStart: length.end, end };
    }
    default:
      return undefined;
  }
}
