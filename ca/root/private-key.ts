// Private keys between PEM and WebCrypto. In: a CA's key as text. Out: a key that can only sign and cannot be exported
// again, with the hash that goes with it, or a phrase that says what is wrong (and never quotes the text).

import { createPrivateKey, createPublicKey, KeyObject, type webcrypto } from "node:crypto";
import { accept, type Outcome, refuse } from "../outcome.ts";
import { Redacted } from "../secrets/redacted.ts";
import { judgeKey } from "../x509/index.ts";

/** What signing needs. */
export interface SigningKey {
  readonly key: webcrypto.CryptoKey;
  /** The signature's hash: as strong as the key, because a P-384 key signing SHA-256 would be only as strong as that. */
  readonly hash: "SHA-256" | "SHA-384" | "SHA-512";
  readonly publicKey: KeyObject;
}

/** PKCS #8, PKCS #1 (`RSA PRIVATE KEY`) and SEC 1 (`EC PRIVATE KEY`) are read; an encrypted key is not. */
export function readSigningKey(pem: string): Outcome<SigningKey, string> {
  if (/ENCRYPTED/.test(pem))
    return refuse("the private key is encrypted, and there is nobody to ask for its password");
  const key = parse(pem);
  if (!key) return refuse("not a private key in PEM (-----BEGIN PRIVATE KEY-----)");
  const verdict = judgeKey(key);
  if (!verdict.ok) return refuse(`the private key is not accepted: ${verdict.problem}`);
  const publicKey = createPublicKey(key);
  switch (verdict.value) {
    case "rsa": {
      const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
      return accept({ key: key.toCryptoKey(algorithm, false, ["sign"]), hash: "SHA-256", publicKey });
    }
    case "ec": {
      const { namedCurve, hash } = curveOf(key);
      return accept({
        key: key.toCryptoKey({ name: "ECDSA", namedCurve }, false, ["sign"]),
        hash,
        publicKey,
      });
    }
  }
}

/** An exportable private key as PKCS #8 in PEM. */
export function privateKeyPem(key: webcrypto.CryptoKey): Redacted<string> {
  return new Redacted(KeyObject.from(key).export({ type: "pkcs8", format: "pem" }).toString());
}

function parse(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

function curveOf(key: KeyObject): { readonly namedCurve: string; readonly hash: SigningKey["hash"] } {
  switch (key.asymmetricKeyDetails?.namedCurve) {
    case "secp384r1":
      return { namedCurve: "P-384", hash: "SHA-384" };
    case "secp521r1":
      return { namedCurve: "P-521", hash: "SHA-512" };
    default:
      return { namedCurve: "P-256", hash: "SHA-256" };
  }
}
