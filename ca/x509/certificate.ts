// A certificate, read once into the facts that verification and issuing need. In: DER or PEM. Out: the facts, or a
// phrase that says what cannot be read. It judges nothing.

import { type KeyObject, X509Certificate as NativeCertificate } from "node:crypto";
import { accept, type Outcome, refuse } from "../outcome.ts";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
} from "./library.ts";

/** What a certificate says, by RFC 5280. Times are epoch milliseconds. */
export interface Certificate {
  readonly der: Uint8Array;
  /** One PEM block, ending in a newline. */
  readonly pem: string;
  readonly subject: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: KeyObject;
  /** basicConstraints; a certificate without the extension is not a CA. */
  readonly ca: boolean;
  /** How many CA certificates may stand below this one before the leaf; undefined: any number. */
  readonly pathLength: number | undefined;
  /** KeyUsage bits as `KeyUsageFlags`; undefined: not limited. */
  readonly keyUsage: number | undefined;
  /** Extended key usage identifiers; undefined: not limited. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  /** The URI names among the subject alternative names, in order. */
  readonly uris: readonly string[];
  /** Hexadecimal. */
  readonly subjectKeyId: string | undefined;
  /** Critical extensions that nobody here evaluates, by object identifier; one is enough to distrust it. */
  readonly unknownCritical: readonly string[];
  /** Signed with SHA-256 or better. */
  readonly strongSignature: boolean;
  /** The same certificate as Node's object, which checks signatures. */
  readonly native: NativeCertificate;
  /** The same certificate as the library's object, whose name issued certificates repeat. */
  readonly source: X509Certificate;
}

const strongSignatures: readonly (string | undefined)[] = [
  "1.2.840.113549.1.1.10", // RSASSA-PSS
  "1.2.840.113549.1.1.11", // SHA-256 with RSA
  "1.2.840.113549.1.1.12", // SHA-384 with RSA
  "1.2.840.113549.1.1.13", // SHA-512 with RSA
  "1.2.840.10045.4.3.2", // ECDSA with SHA-256
  "1.2.840.10045.4.3.3", // ECDSA with SHA-384
  "1.2.840.10045.4.3.4", // ECDSA with SHA-512
];

/** Reads one certificate in DER. */
export function readCertificate(der: Uint8Array): Outcome<Certificate, string> {
  try {
    const native = new NativeCertificate(der);
    // Read from what Node's parser kept, so that both parsers look at the same bytes and nothing after them.
    const source = new X509Certificate(native.raw);
    if (native.raw.length !== der.length) return refuse("bytes follow the certificate");
    return describe(native, source);
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

function describe(native: NativeCertificate, source: X509Certificate): Outcome<Certificate, string> {
  // The library's lists are subclasses of Array whose methods yield more of the same; facts are plain.
  const extensions = Array.from(source.extensions);
  if (new Set(extensions.map((extension) => extension.type)).size !== extensions.length) {
    return refuse("an extension occurs twice (RFC 5280 4.2)");
  }
  const constraints = extensions.find((extension) => extension instanceof BasicConstraintsExtension);
  const usages = extensions.find((extension) => extension instanceof KeyUsagesExtension);
  const purposes = extensions.find((extension) => extension instanceof ExtendedKeyUsageExtension);
  const names = extensions.find((extension) => extension instanceof SubjectAlternativeNameExtension);
  const keyId = extensions.find((extension) => extension instanceof SubjectKeyIdentifierExtension);
  return accept({
    der: native.raw,
    pem: native.toString(),
    subject: source.subject,
    notBefore: source.notBefore.getTime(),
    notAfter: source.notAfter.getTime(),
    publicKey: native.publicKey,
    ca: constraints?.ca ?? false,
    pathLength: constraints?.pathLength,
    keyUsage: usages?.usages,
    extendedKeyUsage: purposes && Array.from(purposes.usages, String),
    uris: Array.from(names?.names.items ?? [])
      .filter((name) => name.type === "url")
      .map((name) => name.value),
    subjectKeyId: keyId?.keyId,
    unknownCritical: extensions
      .filter((extension) => extension.critical && !isKnown(extension))
      .map((e) => e.type),
    strongSignature: strongSignatures.includes(native.signatureAlgorithmOid),
    native,
    source,
  });
}

function isKnown(extension: Extension): boolean {
  return (
    extension instanceof BasicConstraintsExtension ||
    extension instanceof KeyUsagesExtension ||
    extension instanceof ExtendedKeyUsageExtension ||
    extension instanceof SubjectAlternativeNameExtension
  );
}
