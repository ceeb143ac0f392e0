// Signature algorithms: their identifiers, what Node calls them, and signing and checking with them.

import { createHash, type KeyObject, sign, verify } from "node:crypto";
import { promisify } from "node:util";
import {
  Fields,
  nullValue,
  objectIdentifier,
  objectIdentifierIn,
  readOne,
  sequence,
  tags,
  wholeBytes,
  wholeBytesIn,
} from "#der";
import type { KeyFamily } from "./key-strength.ts";

/** The hashes that are strong enough to sign with, by Node's names. */
export type SignatureHash = "sha256" | "sha384" | "sha512";

interface Algorithm {
  readonly family: KeyFamily;
  readonly hash: SignatureHash;
}

// RSA is PKCS #1 v1.5 (RFC 8017 A.2.4); ECDSA is RFC 5758 3.2.
const algorithms: Readonly<Record<string, Algorithm>> = {
  "1.2.840.113549.1.1.11": { family: "rsa", hash: "sha256" },
  "1.2.840.113549.1.1.12": { family: "rsa", hash: "sha384" },
  "1.2.840.113549.1.1.13": { family: "rsa", hash: "sha512" },
  "1.2.840.10045.4.3.2": { family: "ec", hash: "sha256" },
  "1.2.840.10045.4.3.3": { family: "ec", hash: "sha384" },
  "1.2.840.10045.4.3.4": { family: "ec", hash: "sha512" },
};

const rsaPss = "1.2.840.113549.1.1.10";

/** Made with SHA-256 or better. RSASSA-PSS is believed: its hash is in parameters, and Node checks the signature. */
export function isStrong(identifier: string | undefined): boolean {
  return identifier !== undefined && (identifier in algorithms || identifier === rsaPss);
}

/** What signing needs. */
export interface SigningKey {
  readonly key: KeyObject;
  readonly family: KeyFamily;
  /** As strong as the key: a P-384 key signing SHA-256 would be only as strong as that. */
  readonly hash: SignatureHash;
  readonly publicKey: KeyObject;
}

const signing = promisify(sign);

/** The AlgorithmIdentifier of the key's signatures; RSA's has a NULL for parameters, ECDSA's has none. */
export function algorithmOf({ family, hash }: Algorithm): Uint8Array {
  const found = Object.entries(algorithms).find(([, each]) => each.family === family && each.hash === hash);
  if (!found) throw new Error(`no signature algorithm for ${family} with ${hash}`);
  return sequence(objectIdentifier(found[0]), ...(family === "rsa" ? [nullValue] : []));
}

/** What X.509 and PKCS #10 make of a text that is to be signed: the text, the algorithm, the signature. */
export async function signed(text: Uint8Array, key: SigningKey): Promise<Uint8Array> {
  const signature = await signing(key.hash, text, key.key);
  return sequence(text, algorithmOf(key), wholeBytes(signature));
}

/** Whether the last two parts of what `signed` makes prove that the key's holder signed the first. */
export function provesPossession(whole: Uint8Array, publicKey: KeyObject): boolean {
  const fields = new Fields(readOne(whole));
  const text = fields.take(tags.sequence).whole;
  const identifier = objectIdentifierIn(new Fields(fields.take()).take());
  const signature = wholeBytesIn(fields.take(tags.bitString));
  fields.end();
  const algorithm = algorithms[identifier];
  if (!algorithm || algorithm.family !== publicKey.asymmetricKeyType) return false;
  return verify(algorithm.hash, text, publicKey, signature);
}

/** SHA-1 of a key's bits, as it names keys and protects nothing (RFC 5280 4.2.1.2, method 1). */
export function keyIdOf(spki: Uint8Array): Uint8Array {
  const fields = new Fields(readOne(spki));
  fields.take(tags.sequence);
  return createHash("sha1").update(wholeBytesIn(fields.take())).digest();
}
