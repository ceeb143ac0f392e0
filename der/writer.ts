// Values in, DER (ITU-T X.690) out: as much of it as certificates need. Each function gives one whole element.

import { constructedTag, primitiveTag, tags } from "./reader.ts";

/** An element of any tag around these contents. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(content.length)]), content]);
}

/** SEQUENCE. */
export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => element(tags.sequence, ...parts);

/** SET of one element: more would have to be sorted. */
export const setOf = (part: Uint8Array): Uint8Array => element(tags.set, part);

/** BOOLEAN TRUE; DER leaves out a FALSE that is the default. */
export const trueValue: Uint8Array = element(tags.boolean, Buffer.from([0xff]));

/** NULL. */
export const nullValue: Uint8Array = element(0x05);

/** INTEGER, not negative, from bytes in network order. */
export function integer(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const shortest = bytes.subarray(start);
  const isNegative = (shortest[0] ?? 0) >= 0x80;
  return element(tags.integer, ...(isNegative ? [Buffer.from([0])] : []), shortest);
}

/** OBJECT IDENTIFIER from its dotted form. */
export function objectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...others] = dotted.split(".").map(Number);
  return element(tags.objectIdentifier, Buffer.from([first * 40 + second, ...others].flatMap(base128)));
}

/** OCTET STRING. */
export const octets = (bytes: Uint8Array): Uint8Array => element(tags.octetString, bytes);

/** BIT STRING of whole bytes. */
export const wholeBytes = (bytes: Uint8Array): Uint8Array => element(tags.bitString, Buffer.from([0]), bytes);

/** BIT STRING of named bits, of which the first is 1, the second 2, the third 4; eight bits at most. */
export function namedBits(flags: number): Uint8Array {
  let byte = 0;
  for (let bit = 0; bit < 8; bit++) if (flags & (1 << bit)) byte |= 0x80 >> bit;
  // X.690 11.2.2: trailing zero bits are left out.
  const unused = flags === 0 ? 0 : 7 - (31 - Math.clz32(flags));
  return element(tags.bitString, Buffer.from(flags === 0 ? [0] : [unused, byte]));
}

/** UTF8String. */
export const utf8String = (text: string): Uint8Array => element(tags.utf8String, Buffer.from(text, "utf8"));

/** `[n]` in place of an OCTET STRING's or a string's own tag (IMPLICIT). */
export const implicit = (n: number, bytes: Uint8Array): Uint8Array => element(primitiveTag(n), bytes);

/** `[n]` around a whole element (EXPLICIT). */
export const explicit = (n: number, inner: Uint8Array): Uint8Array => element(constructedTag(n), inner);

/** A time on a whole second, as certificates write it: two digits for the year until 2049, then four (RFC 5280 4.1.2.5). */
export function time(epochMs: number): Uint8Array {
  const digits = `${new Date(epochMs).toISOString().slice(0, 19).replace(/[-:T]/g, "")}Z`;
  const isLate = new Date(epochMs).getUTCFullYear() >= 2050;
  return isLate
    ? element(tags.generalizedTime, Buffer.from(digits))
    : element(tags.utcTime, Buffer.from(digits.slice(2)));
}

function lengthBytes(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  return [0x80 | bytes.length, ...bytes];
}

function base128(number: number): readonly number[] {
  const bytes = [number % 128];
  for (let left = Math.floor(number / 128); left > 0; left = Math.floor(left / 128)) {
    bytes.unshift(0x80 | (left % 128));
  }
  return bytes;
}
