// Certificates and private keys, as far as Envoy would refuse them. In: a text. Out: what is wrong with it. Reads bytes and nothing
// else: no clock, so that an expired certificate is good here. No message quotes the text.

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { Fields, readOne, tags } from "#der";
import type { Lifetime } from "../../model/security.ts";
import { decodeBase64, faultOfPem, type PemContent } from "./pem.ts";

/** Envoy takes no others (`ContextImpl`), by OpenSSL's names. */
const curves: ReadonlySet<string | undefined> = new Set(["prime256v1", "secp384r1", "secp521r1"]);
const leastRsaBits = 2048;

/** Why the text cannot be used as what `expected` says; undefined when it can. */
export function faultOfMaterial(text: string, expected: PemContent): string | undefined {
  const fault = faultOfPem(text, expected);
  if (fault !== undefined) return fault;
  switch (expected) {
    case "certificates":
      return faultOfCertificates(text);
    case "private key":
      return faultOfPrivateKey(text);
    case "revocation lists":
      return faultOfRevocations(text);
  }
}

/** Of a chain or a bundle: the first certificate that cannot be read. */
function faultOfCertificates(pem: string): string | undefined {
  for (const [index, block] of blocksOf(pem, "CERTIFICATE").entries()) {
    if (!certificateIn(block)) return `certificate ${index + 1} in it is not a certificate`;
  }
  return undefined;
}

/** A key that only a password opens cannot be used. */
function faultOfPrivateKey(pem: string): string | undefined {
  // To ask for a password on a terminal is what OpenSSL does by itself.
  if (/ENCRYPTED/.test(pem)) return "it is encrypted, and a proxy has no password for it";
  return keyIn(pem) ? undefined : "it is not a private key that can be read";
}

/** Node reads no revocation lists: whether each is put together as one. */
function faultOfRevocations(pem: string): string | undefined {
  return blocksOf(pem, "X509 CRL").every(isRevocationList)
    ? undefined
    : "it holds something else than a revocation list";
}

/** RFC 5280, 5.1: what is signed, how, and the signature. */
function isRevocationList(block: string): boolean {
  const body = decodeBase64(block.replace(/-----[^-]*-----/g, ""));
  try {
    const list = new Fields(readOne(body ?? new Uint8Array()));
    list.take(tags.sequence);
    list.take(tags.sequence);
    list.take(tags.bitString);
    list.end();
    return true;
  } catch {
    return false;
  }
}

/** Of a chain and a key that are good by themselves: whether a proxy can serve them together. The chain's first certificate counts. */
export function faultOfPair(chain: string, privateKey: string): string | undefined {
  const [first = ""] = blocksOf(chain, "CERTIFICATE");
  const leaf = certificateIn(first);
  const key = keyIn(privateKey);
  if (!leaf || !key) return undefined;
  return (
    faultOfPublicKey(leaf.publicKey) ??
    (leaf.checkPrivateKey(key) ? undefined : "the private key is that of another certificate")
  );
}

/** The lifetimes of a credential; of texts that are good material, where there are any. */
export function lifetimesOf(certificate?: string, caCertificate?: string): readonly Lifetime[] {
  const [leaf] = lifetimesIn(certificate, "certificate");
  const [last] = lifetimesIn(caCertificate, "CA bundle").toSorted((a, b) => b.until - a.until);
  return [...(leaf ? [leaf] : []), ...(last ? [last] : [])];
}

function lifetimesIn(pem: string | undefined, part: Lifetime["part"]): readonly Lifetime[] {
  return blocksOf(pem ?? "", "CERTIFICATE").flatMap((block) => {
    const { validFromDate, validToDate } = certificateIn(block) ?? {};
    const [from, until] = [validFromDate?.getTime() ?? Number.NaN, validToDate?.getTime() ?? Number.NaN];
    // Node reads no date of some texts that it takes for one.
    return Number.isNaN(from + until) ? [] : [{ part, from, until }];
  });
}

function faultOfPublicKey({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | undefined {
  const { modulusLength = leastRsaBits, namedCurve } = asymmetricKeyDetails ?? {};
  if (asymmetricKeyType === "rsa" && modulusLength < leastRsaBits) {
    return `the certificate's RSA key has ${modulusLength} bits, and Envoy takes ${leastRsaBits} and more`;
  }
  if (asymmetricKeyType === "ec" && !curves.has(namedCurve)) {
    return `the certificate's key is on the curve ${namedCurve}, and Envoy takes P-256, P-384 and P-521`;
  }
  return undefined;
}

function blocksOf(pem: string, label: "CERTIFICATE" | "X509 CRL"): readonly string[] {
  return pem.match(new RegExp(`-----BEGIN ${label}-----[^-]*-----END ${label}-----`, "g")) ?? [];
}

function certificateIn(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function keyIn(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
