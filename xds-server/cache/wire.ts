// Protobuf framing by hand, only for the messages around a resource, so that bytes encoded once are never encoded again.
// In: already encoded parts. Out: their concatenation. Knows field numbers, not Envoy's types.

const lengthDelimited = 2;
const text = new TextEncoder();

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) length++;
  return length;
}

/** The field's tag and length, without its content. Field numbers up to 15. */
function fieldHead(field: number, contentLength: number): Uint8Array {
  const head = new Uint8Array(1 + varintLength(contentLength));
  head[0] = (field << 3) | lengthDelimited;
  let rest = contentLength;
  let at = 1;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) head[at++] = (rest % 128) | 0x80;
  head[at] = rest;
  return head;
}

/** One length-delimited field as parts to be concatenated: strings as UTF-8, nested messages as their own parts. */
export function field(number: number, content: string | Uint8Array | readonly Uint8Array[]): Uint8Array[] {
  const parts =
    typeof content === "string"
      ? [text.encode(content)]
      : content instanceof Uint8Array
        ? [content]
        : content;
  let length = 0;
  for (const part of parts) length += part.byteLength;
  return [fieldHead(number, length), ...parts];
}

/** Joins parts into one array; `room` bytes are left free at the start for the caller's own framing. */
export function concatenate(parts: readonly Uint8Array[], room = 0): Uint8Array {
  let length = room;
  for (const part of parts) length += part.byteLength;
  const joined = new Uint8Array(length);
  let at = room;
  for (const part of parts) {
    joined.set(part, at);
    at += part.byteLength;
  }
  return joined;
}
