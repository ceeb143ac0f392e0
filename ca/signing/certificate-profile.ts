// A plan and a public key in, a signed leaf certificate out: every leaf that Fairlead issues has this one shape. It
// decides neither who gets one nor for how long.

import type { Validity } from "../issuance/index.ts";
import type { Issuer } from "../root/index.ts";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type JsonGeneralName,
  type KeyFamily,
  KeyUsageFlags,
  KeyUsagesExtension,
  PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from "../x509/index.ts";

/** What goes into a leaf besides its issuer. */
export interface LeafRequest {
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array;
  readonly keyFamily: KeyFamily;
  readonly serialNumber: string;
  readonly validity: Validity;
  readonly names: readonly JsonGeneralName[];
  /** Extended key usage identifiers. */
  readonly purposes: readonly string[];
}

/**
 * Signs a leaf; the result is PEM of the leaf and of everything between it and the root, the order in which TLS sends
 * it. The subject is empty, so the alternative names are critical (RFC 5280 4.2.1.6). Key encipherment is for RSA
 * alone: an ECDSA key has no such use, and some verifiers refuse a certificate that claims it (RFC 8813 section 3).
 */
export async function signLeaf(issuer: Issuer, request: LeafRequest): Promise<string> {
  const { certificate, signingKey } = issuer;
  const publicKey = new PublicKey(new Uint8Array(request.publicKey));
  const usages =
    request.keyFamily === "rsa"
      ? KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment
      : KeyUsageFlags.digitalSignature;
  const leaf = await X509CertificateGenerator.create({
    issuer: certificate.source.subjectName,
    publicKey,
    signingKey: signingKey.key,
    signingAlgorithm: { name: signingKey.key.algorithm.name, hash: signingKey.hash },
    serialNumber: request.serialNumber,
    notBefore: new Date(request.validity.notBefore),
    notAfter: new Date(request.validity.notAfter),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(usages, true),
      new ExtendedKeyUsageExtension([...request.purposes]),
      new SubjectAlternativeNameExtension([...request.names], true),
      await SubjectKeyIdentifierExtension.create(publicKey),
      await authorityKeyId(issuer),
    ],
  });
  return `${leaf.toString("pem")}\n${issuer.chainPem}`;
}

/** The issuer's own identifier where it has one (RFC 5280 4.2.1.1), so that verifiers that compare the two agree. */
async function authorityKeyId({ certificate }: Issuer): Promise<AuthorityKeyIdentifierExtension> {
  if (certificate.subjectKeyId !== undefined)
    return new AuthorityKeyIdentifierExtension(certificate.subjectKeyId);
  return AuthorityKeyIdentifierExtension.create(certificate.source.publicKey);
}
