// A CA's private key as text in, a key to sign with out, with the hash that goes with it; or a phrase that says what is
// wrong (and never quotes the text).

import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { accept, type Outcome, refuse } from "../outcome.ts";
import { judgeKey, type SignatureHash, type SigningKey } from "../x509/index.ts";

/** PKCS #8, PKCS #1 (`RSA PRIVATE KEY`) and SEC 1 (`EC PRIVATE KEY`) are read; an encrypted key is not. */
export function readSigningKey(pem: string): Outcome<SigningKey, string> {
  if (/ENCRYPTED/.test(pem))
    return refuse("the private key is encrypted, and there is nobody to ask for its password");
  const key = parse(pem);
  if (!key) return refuse("not a private key in PEM (-----BEGIN PRIVATE KEY-----)");
  const family = judgeKey(key);
  if (!family.ok) return refuse(`the private key is not accepted: ${family.problem}`);
  return accept({ key, family: family.value, hash: hashFor(key), publicKey: createPublicKey(key) });
}

function parse(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

function hashFor(key: KeyObject): SignatureHash {
  switch (key.asymmetricKeyDetails?.namedCurve) {
    case "secp384r1":
      return "sha384";
    case "secp521r1":
      return "sha512";
    default:
      return "sha256";
  }
}
