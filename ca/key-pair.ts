// New keys, of the one kind that Fairlead makes.

import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { Redacted } from "./secrets/redacted.ts";

const generate = promisify(generateKeyPair);

/** The public half as SubjectPublicKeyInfo in DER, the private one as PKCS #8 in PEM. */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKeyPem: Redacted<string>;
}

/** A new ECDSA P-256 pair. */
export async function makeKeys(): Promise<KeyPair> {
  const { publicKey, privateKey } = await generate("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return { publicKey, privateKeyPem: new Redacted(privateKey) };
}
