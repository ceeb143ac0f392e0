// DER (ITU-T X.690) in, its elements out. It reads only what certificates and requests are made of (tags of one byte,
// definite lengths), refuses every longer way of writing the same thing, and copies nothing.

/** What is not DER, or not the DER that was expected; the message is a phrase for a refusal. */
export class MalformedDer extends Error {}

/** One value with its tag. */
export interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
  /** Tag, length and content, as signatures cover them. */
  readonly whole: Uint8Array;
}

/** Tags by X.690 section 8; those from `explicit0` on stand for `[n]` and are the caller's to interpret. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The tag of `[n]` around other elements. */
export const constructedTag = (n: number): number => 0xa0 | n;

/** The tag of `[n]` in place of a primitive type's own (IMPLICIT). */
export const primitiveTag = (n: number): number => 0x80 | n;

/** The one element that the bytes hold. */
export function readOne(bytes: Uint8Array): Element {
  const element = elementAt(bytes, 0);
  if (element.whole.length !== bytes.length) throw new MalformedDer("bytes follow the end");
  return element;
}

/** The elements that follow one another in the content of a constructed one. */
export function partsOf({ content }: Element): readonly Element[] {
  const parts: Element[] = [];
  for (let at = 0; at < content.length; ) {
    const part = elementAt(content, at);
    parts.push(part);
    at += part.whole.length;
  }
  return parts;
}

/** The parts of a SEQUENCE or SET, to be taken in the order of their definition. */
export class Fields {
  readonly #parts: readonly Element[];
  #next = 0;

  constructor(element: Element | undefined, tag: number = tags.sequence) {
    this.#parts = partsOf(expect(element, tag));
  }

  /** The next one, which must be there; any tag will do if none is named. */
  take(tag?: number): Element {
    const part = this.#parts[this.#next++];
    if (!part) throw new MalformedDer("something is missing at the end of a list");
    return tag === undefined ? part : expect(part, tag);
  }

  /** The next one if it has this tag. */
  takeIf(tag: number): Element | undefined {
    return this.#parts[this.#next]?.tag === tag ? this.#parts[this.#next++] : undefined;
  }

  /** All that is left. */
  rest(): readonly Element[] {
    return this.#parts.slice(this.#next);
  }

  /** Refuses anything left over. */
  end(): void {
    if (this.#next < this.#parts.length) throw new MalformedDer("something follows the end of a list");
  }
}

/** The element if it has the tag. */
export function expect(element: Element | undefined, tag: number): Element {
  if (element?.tag === tag) return element;
  const found = element ? `tag ${hex(element.tag)}` : "nothing";
  throw new MalformedDer(`${found} where tag ${hex(tag)} belongs`);
}

/** BOOLEAN: DER has one way to write each value. */
export function booleanIn(element: Element): boolean {
  const [byte] = expect(element, tags.boolean).content;
  if (element.content.length !== 1 || (byte !== 0x00 && byte !== 0xff)) throw new MalformedDer("no boolean");
  return byte === 0xff;
}

/** INTEGER from 0 to 2^31 - 1; certificates hold larger ones only where nobody computes with them. */
export function smallNumberIn(element: Element): number {
  const { content } = expect(element, tags.integer);
  const [first = 0xff, second = 0xff] = content;
  const isPadded = content.length > 1 && first === 0 && second < 0x80;
  if (first >= 0x80 || content.length > 4 || isPadded) throw new MalformedDer("no small number");
  return content.reduce((number, byte) => number * 256 + byte, 0);
}

/** OBJECT IDENTIFIER in dotted form. */
export function objectIdentifierIn(element: Element): string {
  const { content } = expect(element, tags.objectIdentifier);
  const numbers: number[] = [];
  let number = 0;
  let isWithin = false;
  for (const byte of content) {
    if ((!isWithin && byte === 0x80) || number > 2 ** 45) throw new MalformedDer("no object identifier");
    number = number * 128 + (byte & 0x7f);
    isWithin = byte >= 0x80;
    if (isWithin) continue;
    numbers.push(number);
    number = 0;
  }
  const [first, ...others] = numbers;
  if (first === undefined || isWithin) throw new MalformedDer("no object identifier");
  // The first two numbers share one: 40 times the first plus the second, where the first is 0, 1 or 2.
  const top = Math.min(Math.floor(first / 40), 2);
  return [top, first - 40 * top, ...others].join(".");
}

/** BIT STRING of whole bytes, as keys and signatures are. */
export function wholeBytesIn(element: Element): Uint8Array {
  const { content } = expect(element, tags.bitString);
  if (content[0] !== 0) throw new MalformedDer("no bit string of whole bytes");
  return content.subarray(1);
}

/** A BIT STRING of named bits as a number: the first bit is 1, the second 2, the third 4. At most 16 bits. */
export function namedBitsIn(element: Element): number {
  const { content } = expect(element, tags.bitString);
  const [unused = 8, ...bytes] = content;
  // X.690 11.2.1 has the bits that do not count be zero; a reader that did not look at them would see other flags.
  const hasUnusedBits = ((bytes.at(-1) ?? 0) & (2 ** unused - 1)) > 0 || (bytes.length === 0 && unused > 0);
  if (unused > 7 || bytes.length > 2 || hasUnusedBits) throw new MalformedDer("no flags");
  let flags = 0;
  for (const [index, byte] of bytes.entries()) {
    for (let bit = 0; bit < 8; bit++) if (byte & (0x80 >> bit)) flags |= 1 << (index * 8 + bit);
  }
  return flags;
}

/** UTCTime or GeneralizedTime in the one form that certificates may use (RFC 5280 4.1.2.5), in epoch milliseconds. */
export function timeIn({ tag, content }: Element): number {
  const text = Buffer.from(content).toString("latin1");
  const digits = tag === tags.utcTime ? `${Number(text.slice(0, 2)) < 50 ? "20" : "19"}${text}` : text;
  const [year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits)?.slice(1) ?? [];
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const time = new Date(iso);
  const isTime = tag === tags.utcTime || tag === tags.generalizedTime;
  // `Date` takes 31 February for the 3rd of March; written again it differs.
  if (!isTime || Number.isNaN(time.getTime()) || time.toISOString() !== iso)
    throw new MalformedDer("no time");
  return time.getTime();
}

function elementAt(bytes: Uint8Array, start: number): Element {
  const tag = bytes[start];
  const first = bytes[start + 1];
  if (tag === undefined || first === undefined) throw new MalformedDer("it is cut off");
  if ((tag & 0x1f) === 0x1f) throw new MalformedDer("a tag of several bytes");
  let at = start + 2;
  let length = first;
  if (first >= 0x80) {
    const count = first & 0x7f;
    // 0x80 is BER's indefinite length; certificates are far below the 16 MB of three bytes.
    if (count === 0 || count > 3) throw new MalformedDer("a length that is not DER's");
    length = 0;
    for (const end = at + count; at < end; at++) length = length * 256 + (bytes[at] ?? 0);
    if (length < 0x80 || length < 256 ** (count - 1)) throw new MalformedDer("a length that is not DER's");
  }
  const end = at + length;
  if (end > bytes.length) throw new MalformedDer("it is cut off");
  return { tag, content: bytes.subarray(at, end), whole: bytes.subarray(start, end) };
}

function hex(tag: number): string {
  return `0x${tag.toString(16).padStart(2, "0")}`;
}
