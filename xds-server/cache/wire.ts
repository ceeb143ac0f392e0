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

/** A message still in parts, for whoever has a place for its bytes: megabytes are copied once, to where they are sent from. */
export class Message {
  readonly byteLength: number;
  readonly #parts: readonly Part[];

  constructor(parts: readonly Part[]) {
    this.byteLength = lengthOf(parts);
    this.#parts = parts;
  }

  /** Writes all of it into a buffer, from a place on. */
  copy(into: Buffer, from: number): void {
    write(this.#parts, into, from);
  }
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
