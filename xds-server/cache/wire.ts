// Protobuf framing by hand, only for the messages around a resource, so that bytes encoded once are never encoded again.
// In: fields and already encoded bytes. Out: their concatenation. Knows field numbers, not Envoy's types.

const lengthDelimited = 2;

/** Bytes as they are, or a field still to be written. */
export type Part = Uint8Array | Field;

/** A length-delimited field. Numbers up to 15. */
interface Field {
  readonly number: number;
  readonly content: string | Uint8Array | readonly Part[];
  /** Of the content, in bytes. */
  readonly length: number;
}

/** A field to be concatenated with others: strings as UTF-8, nested messages as their own parts. */
export function field(number: number, content: string | Uint8Array | readonly Part[]): Field {
  return { number, content, length: contentLength(content) };
}

/** Joins parts into memory of their own, for what is kept. */
export function concatenate(parts: readonly Part[]): Uint8Array {
  const joined = new Uint8Array(lengthOf(parts));
  write(parts, Buffer.from(joined.buffer), 0);
  return joined;
}

/** Bytes that are in memory already are worth sending from where they are if they are at least so many. */
const worthSparing = 16 * 1024;

/** A message still in parts, of which the large ones are never copied: what all clients are sent lies in memory once. */
export class Message {
  readonly byteLength: number;
  readonly #parts: readonly Part[];

  constructor(parts: readonly Part[]) {
    this.byteLength = lengthOf(parts);
    this.#parts = parts;
  }

  /** All of it in order, with so many bytes free at the beginning of the first. What is in them must not be changed. */
  pieces(free: number): readonly Buffer[] {
    const spared = this.#parts.filter(isSpared);
    const copied = spared.reduce((sum, { byteLength }) => sum - byteLength, free + this.byteLength);
    const room = Buffer.allocUnsafe(copied);
    if (spared.length === 0) {
      write(this.#parts, room, free);
      return [room];
    }
    const pieces: Buffer[] = [];
    let begun = 0;
    let at = free;
    for (const part of this.#parts) {
      if (!isSpared(part)) {
        at = write([part], room, at);
        continue;
      }
      if (at > begun) pieces.push(room.subarray(begun, at));
      pieces.push(Buffer.from(part.buffer, part.byteOffset, part.byteLength));
      begun = at;
    }
    if (at > begun) pieces.push(room.subarray(begun));
    return pieces;
  }
}

function isSpared(part: Part): part is Uint8Array {
  return part instanceof Uint8Array && part.byteLength >= worthSparing;
}

function contentLength(content: Field["content"]): number {
  if (typeof content === "string") return Buffer.byteLength(content);
  return content instanceof Uint8Array ? content.byteLength : lengthOf(content);
}

function lengthOf(parts: readonly Part[]): number {
  let sum = 0;
  for (const part of parts) {
    sum += part instanceof Uint8Array ? part.byteLength : 1 + varintLength(part.length) + part.length;
  }
  return sum;
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) length++;
  return length;
}

function write(parts: readonly Part[], into: Buffer, from: number): number {
  let at = from;
  for (const part of parts) {
    if (part instanceof Uint8Array) {
      into.set(part, at);
      at += part.byteLength;
      continue;
    }
    const { number, content, length } = part;
    into[at++] = (number << 3) | lengthDelimited;
    let rest = length;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) into[at++] = (rest % 128) | 0x80;
    into[at++] = rest;
    if (typeof content === "string") at += into.write(content, at);
    else if (content instanceof Uint8Array) {
      into.set(content, at);
      at += length;
    } else at = write(content, into, at);
  }
  return at;
}
