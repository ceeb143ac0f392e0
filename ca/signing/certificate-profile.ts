// A plan and a public key in, a signed leaf certificate out: every leaf that Fairlead issues has this one shape. It
// decides neither who gets one nor for how long.

import type { Validity } from "../issuance/index.ts";
import type { Issuer } from "../root/index.ts";
import {
  type AlternativeName,
  authorityKeyIdentifier,
  basicConstraints,
  emptyName,
  extendedKeyUsage,
  type KeyFamily,
  KeyUsage,
  keyIdOf,
  keyUsage,
  subjectAltName,
  subjectKeyIdentifier,
  writeCertificate,
} from "../x509/index.ts";

/** What goes into a leaf besides its issuer. */
export interface LeafRequest {
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array;
  readonly keyFamily: KeyFamily;
  readonly serialNumber: string;
  readonly validity: Validity;
  readonly names: readonly AlternativeName[];
  /** Identifiers of `Purpose`. */
  readonly purposes: readonly string[];
}

/**
 * Signs a leaf; the result is PEM of the leaf and of everything between it and the root, the order in which TLS sends
 * it. The subject is empty, so the alternative names are critical (RFC 5280 4.2.1.6). Key encipherment is for RSA
 * alone: an ECDSA key has no such use, and some verifiers refuse a certificate that claims it (RFC 8813 section 3).
 */
export async function signLeaf(issuer: Issuer, request: LeafRequest): Promise<string> {
  const { certificate, signingKey } = issuer;
  const { publicKey, keyFamily, serialNumber, validity, names, purposes } = request;
  const usages =
    keyFamily === "rsa" ? KeyUsage.digitalSignature | KeyUsage.keyEncipherment : KeyUsage.digitalSignature;
  const leaf = await writeCertificate(
    {
      serialNumber,
      issuer: certificate.subjectName,
      subject: emptyName,
      notBefore: validity.notBefore,
      notAfter: validity.notAfter,
      publicKey,
      extensions: [
        basicConstraints(false),
        keyUsage(usages),
        extendedKeyUsage(purposes),
        subjectAltName(names),
        subjectKeyIdentifier(keyIdOf(publicKey)),
        authorityKeyIdentifier(issuerKeyId(issuer)),
      ],
    },
    signingKey,
  );
  return `${leaf}${issuer.chainPem}`;
}

/** The issuer's own identifier where it has one (RFC 5280 4.2.1.1), so that verifiers that compare the two agree. */
function issuerKeyId({ certificate }: Issuer): Uint8Array {
  return certificate.subjectKeyId ?? keyIdOf(certificate.publicKey.export({ type: "spki", format: "der" }));
}
