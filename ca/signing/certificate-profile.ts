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
  const leaf = await X509CertificateGenerator.create({
    issuer: certificate.source.subjectName,
    publicKey,
    signingKey: signingKey.key,
    signingAlgorithm: { name: signingKey.key.algorithm.name, hash: signingKey.hash },
    serialNumber: request.serialNumber,
    notBefore: new Date(request.validity.notBefore),
    notAfter: new Date(request.validity.notAfter),
    extensions: [
      noAuthority,
      usagesOf[request.keyFamily],
      purposesOf(request.purposes),
      new SubjectAlternativeNameExtension([...request.names], true),
      await SubjectKeyIdentifierExtension.create(publicKey),
      await authorityKeyId(issuer),
    ],
  });
  return `${leaf.toString("pem")}\n${issuer.chainPem}`;
}

// What all leaves have in common is encoded once: when a thousand proxies come to a new replica, each is issued one.

const noAuthority = new BasicConstraintsExtension(false, undefined, true);

const usagesOf: Readonly<Record<KeyFamily, KeyUsagesExtension>> = {
  ec: new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
  rsa: new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
};

const knownPurposes = new WeakMap<readonly string[], ExtendedKeyUsageExtension>();

function purposesOf(purposes: readonly string[]): ExtendedKeyUsageExtension {
  return knownPurposes.getOrInsertComputed(purposes, () => new ExtendedKeyUsageExtension([...purposes]));
}

const keyIds = new WeakMap<Issuer, Promise<AuthorityKeyIdentifierExtension>>();

/** The issuer's own identifier where it has one (RFC 5280 4.2.1.1), so that verifiers that compare the two agree. */
function authorityKeyId(issuer: Issuer): Promise<AuthorityKeyIdentifierExtension> {
  return keyIds.getOrInsertComputed(issuer, async () => {
    const { subjectKeyId, source } = issuer.certificate;
    return subjectKeyId === undefined
      ? AuthorityKeyIdentifierExtension.create(source.publicKey)
      : new AuthorityKeyIdentifierExtension(subjectKeyId);
  });
}
