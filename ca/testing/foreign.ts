// Certificates and requests as strangers make them: any key, any extension, any time, signed by whom they like. Only
// tests import it; it shares nothing with our own signing code but the X.509 library.

import { createPrivateKey, generateKeyPairSync, type KeyObject, type webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  type Extension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequestGenerator,
  PublicKey,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "./library.ts";

/** A certificate, its key, and what signing others with them takes. */
export interface Foreign {
  readonly certPem: string;
  /** PKCS #8. */
  readonly keyPem: string;
  readonly subject: string;
  readonly keys: ForeignKeys;
}

/** A pair as Node's objects. */
export interface ForeignKeys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** P-256. */
export const ecKeys = (namedCurve = "P-256"): ForeignKeys => generateKeyPairSync("ec", { namedCurve });
/** RSA with so many bits. */
export const rsaKeys = (modulusLength = 2048): ForeignKeys => generateKeyPairSync("rsa", { modulusLength });

/** What may differ from a plain P-256 certificate, self-signed, from 2026 to 2036. */
export interface ForeignWish {
  readonly subject?: string;
  readonly keys?: ForeignKeys;
  readonly extensions?: readonly Extension[];
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly issuer?: Foreign;
  readonly hash?: string;
}

/** The time at which these certificates are valid by default. */
export const in2027 = Date.parse("2027-01-01T00:00:00Z");

/** The extensions of a CA. */
export function caExtensions(pathLength?: number, usages = KeyUsageFlags.keyCertSign): readonly Extension[] {
  return [new BasicConstraintsExtension(true, pathLength, true), new KeyUsagesExtension(usages, true)];
}

/** Alternative names: URIs, or any other kind. */
export function names(...list: readonly (string | JsonGeneralName)[]): Extension {
  return new SubjectAlternativeNameExtension(
    list.map((name) => (typeof name === "string" ? { type: "url", value: name } : name)),
  );
}

/** Makes it. */
export async function foreign(wish: ForeignWish = {}): Promise<Foreign> {
  const keys = wish.keys ?? ecKeys();
  const subject = wish.subject ?? "CN=somebody";
  const signer = wish.issuer?.keys ?? keys;
  const certificate = await X509CertificateGenerator.create({
    subject,
    issuer: wish.issuer?.subject ?? subject,
    notBefore: new Date(wish.notBefore ?? "2026-01-01T00:00:00Z"),
    notAfter: new Date(wish.notAfter ?? "2036-01-01T00:00:00Z"),
    publicKey: new PublicKey(keys.publicKey.export({ type: "spki", format: "der" })),
    signingKey: webKey(signer.privateKey, wish.hash),
    signingAlgorithm: { name: "ECDSA", hash: wish.hash ?? "SHA-256" },
    extensions: [...(wish.extensions ?? [])],
  });
  const keyPem = keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return { certPem: `${certificate.toString("pem")}\n`, keyPem, subject, keys };
}

/** A CA: `foreign` with the extensions of one. */
export function foreignCa(wish: ForeignWish = {}): Promise<Foreign> {
  return foreign({ subject: "CN=some CA", extensions: caExtensions(), ...wish });
}

/** A request in PEM, signed by its own key unless `signedBy` says otherwise. */
export async function request(
  claimed: readonly (string | JsonGeneralName)[] = [],
  keys: ForeignKeys = ecKeys(),
  signedBy: ForeignKeys = keys,
  hash = "SHA-256",
): Promise<string> {
  const csr = await Pkcs10CertificateRequestGenerator.create({
    name: "CN=whoever",
    keys: { publicKey: webPublicKey(keys.publicKey), privateKey: webKey(signedBy.privateKey, hash) },
    signingAlgorithm: { name: "ECDSA", hash },
    extensions: claimed.length > 0 ? [names(...claimed)] : [],
  });
  return csr.toString("pem");
}

/** The same key in PKCS #1 or SEC 1, as older tools write it. */
export function traditionalPem(keyPem: string): string {
  const key = createPrivateKey(keyPem);
  const type = key.asymmetricKeyType === "rsa" ? "pkcs1" : "sec1";
  return key.export({ type, format: "pem" }).toString();
}

function webKey(key: KeyObject, hash = "SHA-256"): webcrypto.CryptoKey {
  return key.toCryptoKey(algorithmOf(key, hash), true, ["sign"]);
}

function webPublicKey(key: KeyObject): webcrypto.CryptoKey {
  return key.toCryptoKey(algorithmOf(key, "SHA-256"), true, ["verify"]);
}

function algorithmOf(key: KeyObject, hash: string) {
  if (key.asymmetricKeyType === "rsa") return { name: "RSASSA-PKCS1-v1_5", hash };
  const curves: Record<string, string> = { prime256v1: "P-256", secp384r1: "P-384", secp521r1: "P-521" };
  return { name: "ECDSA", namedCurve: curves[key.asymmetricKeyDetails?.namedCurve ?? ""] ?? "P-256" };
}
