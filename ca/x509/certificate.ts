// A certificate, read once into the facts that verification and issuing need. In: DER or PEM. Out: the facts, or a
// phrase that says what cannot be read. It judges nothing.

import { type KeyObject, X509Certificate as NativeCertificate } from "node:crypto";
import { constructedTag, Fields, primitiveTag, readOne, tags, timeIn } from "#der";
import { accept, type Outcome, refuse } from "../outcome.ts";
import {
  type Extension,
  readBasicConstraints,
  readExtensions,
  readKeyId,
  readKeyUsage,
  readNames,
  readPurposes,
} from "./extensions.ts";
import { ExtensionId, NameKind } from "./identifiers.ts";
import { isStrong } from "./signature.ts";

/** What a certificate says, by RFC 5280. Times are epoch milliseconds. */
export interface Certificate {
  readonly der: Uint8Array;
  /** One PEM block, ending in a newline. */
  readonly pem: string;
  /** For people: `O=cluster.local, CN=Fairlead root CA`; empty where the certificate names nobody. */
  readonly subject: string;
  /** The same in DER, as certificates that this one issues repeat it. */
  readonly subjectName: Uint8Array;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: KeyObject;
  /** basicConstraints; a certificate without the extension is not a CA. */
  readonly ca: boolean;
  /** How many CA certificates may stand below this one before the leaf; undefined: any number. */
  readonly pathLength: number | undefined;
  /** Bits of `KeyUsage`; undefined: not limited. */
  readonly keyUsage: number | undefined;
  /** Extended key usage identifiers; undefined: not limited. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  /** The URI names among the subject alternative names, in order. */
  readonly uris: readonly string[];
  readonly subjectKeyId: Uint8Array | undefined;
  /** Critical extensions that nobody here evaluates, by object identifier; one is enough to distrust it. */
  readonly unknownCritical: readonly string[];
  /** Signed with SHA-256 or better. */
  readonly strongSignature: boolean;
  /** The same certificate as Node's object, which checks signatures. */
  readonly native: NativeCertificate;
}

const evaluated: ReadonlySet<string> = new Set([
  ExtensionId.basicConstraints,
  ExtensionId.keyUsage,
  ExtensionId.extKeyUsage,
  ExtensionId.subjectAltName,
]);

/** Reads one certificate in DER. */
export function readCertificate(der: Uint8Array): Outcome<Certificate, string> {
  try {
    const native = new NativeCertificate(der);
    if (native.raw.length !== der.length) return refuse("bytes follow the certificate");
    return accept(describe(native));
  } catch (error) {
    return refuse(`not a certificate (${error instanceof Error ? error.message : "unreadable"})`);
  }
}

/** Reads every `CERTIFICATE` block of a PEM text, in order; one bad block refuses all. No block is a problem too. */
export function readCertificates(pem: string): Outcome<readonly Certificate[], string> {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  const begun = pem.match(/-----BEGIN CERTIFICATE-----/g)?.length ?? 0;
  if (blocks.length !== begun) return refuse("a certificate block is cut off");
  if (blocks.length === 0) return refuse("no certificate (-----BEGIN CERTIFICATE-----) in it");
  const certificates: Certificate[] = [];
  for (const [index, block] of blocks.entries()) {
    const read = readCertificate(Buffer.from(block.replace(/-----[^-]*-----/g, ""), "base64"));
    if (!read.ok) return refuse(`certificate ${index + 1} of ${blocks.length}: ${read.problem}`);
    certificates.push(read.value);
  }
  return accept(certificates);
}

/** What Node does not tell is read from the bytes that Node's parser kept, so that both look at the same ones. */
function describe(native: NativeCertificate): Certificate {
  const toBeSigned = new Fields(new Fields(readOne(native.raw)).take());
  toBeSigned.takeIf(constructedTag(0)); // version
  toBeSigned.take(tags.integer); // serial number
  toBeSigned.take(tags.sequence); // signature algorithm
  toBeSigned.take(tags.sequence); // issuer
  const validity = new Fields(toBeSigned.take());
  const subjectName = toBeSigned.take(tags.sequence).whole;
  toBeSigned.take(tags.sequence); // public key
  toBeSigned.takeIf(primitiveTag(1)); // issuer's unique identifier
  toBeSigned.takeIf(primitiveTag(2)); // subject's unique identifier
  const list = toBeSigned.takeIf(constructedTag(3));
  toBeSigned.end();

  const extensions = list ? readExtensions(readOne(list.content)) : new Map<string, Extension>();
  const read = <T>(id: string, reader: (value: Uint8Array) => T): T | undefined => {
    const extension = extensions.get(id);
    return extension && reader(extension.value);
  };
  const constraints = read(ExtensionId.basicConstraints, readBasicConstraints);
  const names = read(ExtensionId.subjectAltName, readNames) ?? [];
  return {
    der: native.raw,
    pem: native.toString(),
    // Undefined where it is empty, whatever its type says.
    subject: ((native.subject as string | undefined) ?? "").replaceAll("\n", ", "),
    subjectName,
    notBefore: timeIn(validity.take()),
    notAfter: timeIn(validity.take()),
    publicKey: native.publicKey,
    ca: constraints?.ca ?? false,
    pathLength: constraints?.pathLength,
    keyUsage: read(ExtensionId.keyUsage, readKeyUsage),
    extendedKeyUsage: read(ExtensionId.extKeyUsage, readPurposes),
    uris: names
      .filter(({ kind }) => kind === NameKind.uri)
      .map(({ bytes }) => Buffer.from(bytes).toString("latin1")),
    subjectKeyId: read(ExtensionId.subjectKeyIdentifier, readKeyId),
    unknownCritical: [...extensions]
      .filter(([id, { critical }]) => critical && !evaluated.has(id))
      .map(([id]) => id),
    strongSignature: isStrong(native.signatureAlgorithmOid),
    native,
  };
}
