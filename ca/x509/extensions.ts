// The extensions of certificates, as they are read and as they are written, side by side (RFC 5280 4.2.1).

import {
  booleanIn,
  type Element,
  expect,
  Fields,
  implicit,
  integer,
  MalformedDer,
  namedBits,
  namedBitsIn,
  objectIdentifier,
  objectIdentifierIn,
  octets,
  partsOf,
  primitiveTag,
  readOne,
  sequence,
  smallNumberIn,
  tags,
  trueValue,
} from "#der";
import { ExtensionId } from "./identifiers.ts";

/** One extension whose value nobody has looked into yet. */
export interface Extension {
  readonly critical: boolean;
  readonly value: Uint8Array;
}

/** An alternative name: the number of its tag (`NameKind`) and what is in it, undecoded. */
export interface AlternativeName {
  readonly kind: number;
  readonly bytes: Uint8Array;
}

/** Extensions by identifier. One that occurs twice is refused: readers would differ on which of the two counts. */
export function readExtensions(list: Element): ReadonlyMap<string, Extension> {
  const extensions = new Map<string, Extension>();
  for (const part of partsOf(expect(list, tags.sequence))) {
    const fields = new Fields(part);
    const id = objectIdentifierIn(fields.take());
    const criticality = fields.takeIf(tags.boolean);
    const value = fields.take(tags.octetString).content;
    fields.end();
    if (extensions.has(id)) throw new MalformedDer("an extension occurs twice (RFC 5280 4.2)");
    extensions.set(id, { critical: criticality !== undefined && booleanIn(criticality), value });
  }
  return extensions;
}

/** BasicConstraints: whether the key belongs to a CA, and how many CAs may stand below it (undefined: any number). */
export function readBasicConstraints(value: Uint8Array): {
  readonly ca: boolean;
  readonly pathLength: number | undefined;
} {
  const fields = new Fields(readOne(value));
  const ca = fields.takeIf(tags.boolean);
  const pathLength = fields.takeIf(tags.integer);
  fields.end();
  return { ca: ca !== undefined && booleanIn(ca), pathLength: pathLength && smallNumberIn(pathLength) };
}

/** KeyUsage as the bits of `KeyUsage`. */
export function readKeyUsage(value: Uint8Array): number {
  return namedBitsIn(readOne(value));
}

/** ExtendedKeyUsage as identifiers. */
export function readPurposes(value: Uint8Array): readonly string[] {
  return partsOf(expect(readOne(value), tags.sequence)).map(objectIdentifierIn);
}

/** SubjectAlternativeName. */
export function readNames(value: Uint8Array): readonly AlternativeName[] {
  return partsOf(expect(readOne(value), tags.sequence)).map(({ tag, content }) => {
    if (tag < primitiveTag(0)) throw new MalformedDer("no alternative name");
    return { kind: tag & 0x1f, bytes: content };
  });
}

/** SubjectKeyIdentifier. */
export function readKeyId(value: Uint8Array): Uint8Array {
  return expect(readOne(value), tags.octetString).content;
}

/** `pathLength` is for CAs alone. */
export function basicConstraints(ca: boolean, pathLength?: number): Uint8Array {
  const limit = pathLength === undefined ? [] : [integer(Buffer.from([pathLength]))];
  return extension(ExtensionId.basicConstraints, sequence(...(ca ? [trueValue] : []), ...limit), "critical");
}

/** `flags`: bits of `KeyUsage`. */
export function keyUsage(flags: number): Uint8Array {
  return extension(ExtensionId.keyUsage, namedBits(flags), "critical");
}

/** Identifiers of `Purpose`. */
export function extendedKeyUsage(purposes: readonly string[]): Uint8Array {
  return extension(ExtensionId.extKeyUsage, sequence(...purposes.map(objectIdentifier)));
}

/** Critical, because whoever is named by them has an empty subject here (RFC 5280 4.2.1.6). */
export function subjectAltName(names: readonly AlternativeName[]): Uint8Array {
  const list = names.map(({ kind, bytes }) => implicit(kind, bytes));
  return extension(ExtensionId.subjectAltName, sequence(...list), "critical");
}

/** For certificates below this one to refer to. */
export function subjectKeyIdentifier(keyId: Uint8Array): Uint8Array {
  return extension(ExtensionId.subjectKeyIdentifier, octets(keyId));
}

/** Which of an issuer's keys signed. */
export function authorityKeyIdentifier(keyId: Uint8Array): Uint8Array {
  return extension(ExtensionId.authorityKeyIdentifier, sequence(implicit(0, keyId)));
}

function extension(id: string, value: Uint8Array, critical?: "critical"): Uint8Array {
  return sequence(objectIdentifier(id), ...(critical ? [trueValue] : []), octets(value));
}
