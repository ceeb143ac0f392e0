// A throw-away CA for tests: workload certificates with a SPIFFE name or DNS names, made when asked for. Its keys exist
// only in memory.

import { KeyObject, webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "../../ca/testing/library.ts";

/** PEM texts. */
export interface TestCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const hour = 3_600_000;
const validity = {
  notBefore: new Date(Date.now() - hour),
  notAfter: new Date(Date.now() + 24 * hour),
};

const authorityKeys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
const authority = await X509CertificateGenerator.createSelfSigned({
  name: "O=Fairlead tests",
  keys: authorityKeys,
  signingAlgorithm: algorithm,
  ...validity,
  extensions: [
    new BasicConstraintsExtension(true, 0, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
  ],
});

/** The root, PEM, that every certificate from `issueTestCertificate` chains to. */
export const testRoot = authority.toString("pem");

/** A certificate for client and server use with these names: `spiffe://…` becomes a URI, anything else a DNS name. */
export async function issueTestCertificate(...names: readonly string[]): Promise<TestCertificate> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.create({
    subject: "",
    issuer: authority.subject,
    publicKey: keys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: algorithm,
    ...validity,
    extensions: leafExtensions(names),
  });
  return { certificate: certificate.toString("pem"), privateKey: privateKeyPem(keys) };
}

/** The same names, but signed by its own key: nobody who trusts `testRoot` may accept it. */
export async function selfSignedTestCertificate(...names: readonly string[]): Promise<TestCertificate> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    keys,
    signingAlgorithm: algorithm,
    ...validity,
    extensions: leafExtensions(names),
  });
  return { certificate: certificate.toString("pem"), privateKey: privateKeyPem(keys) };
}

function leafExtensions(names: readonly string[]) {
  return [
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
    new SubjectAlternativeNameExtension(
      names.map((value) => ({ type: value.includes("://") ? ("url" as const) : ("dns" as const), value })),
      true,
    ),
  ];
}

function privateKeyPem({ privateKey }: webcrypto.CryptoKeyPair): string {
  return KeyObject.from(privateKey).export({ type: "pkcs8", format: "pem" }).toString();
}

/** What a proxy presents when a test does not care: `spiffe://cluster.local/ns/default/sa/default`. */
export const anyWorkload = await issueTestCertificate("spiffe://cluster.local/ns/default/sa/default");
