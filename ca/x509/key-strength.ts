// Is this public key one we put our name under? In: a key. Out: its family, or why not.

import type { KeyObject } from "node:crypto";
import { accept, type Outcome, refuse } from "../outcome.ts";

/** The two families that stock Envoy (BoringSSL) accepts in certificates. */
export type KeyFamily = "rsa" | "ec";

// Envoy's TLS refuses RSA under 2048 bits; beyond 8192 a handshake costs more than it protects.
const rsaBits = { least: 2048, most: 8192 };
const curves: readonly string[] = ["prime256v1", "secp384r1", "secp521r1"];

/** Judges a public or private key; the problem is a phrase such as `RSA with 1024 bits`. */
export function judgeKey(key: KeyObject): Outcome<KeyFamily, string> {
  const details = key.asymmetricKeyDetails;
  switch (key.asymmetricKeyType) {
    case "rsa": {
      const bits = details?.modulusLength ?? 0;
      const good = bits >= rsaBits.least && bits <= rsaBits.most;
      return good ? accept("rsa") : refuse(`RSA with ${bits} bits (wanted: 2048 to 8192)`);
    }
    case "ec": {
      const curve = details?.namedCurve ?? "explicit parameters";
      return curves.includes(curve)
        ? accept("ec")
        : refuse(`the curve ${curve} (wanted: P-256, P-384 or P-521)`);
    }
    default:
      return refuse(`the key type ${key.asymmetricKeyType ?? "unknown"} (wanted: RSA or ECDSA)`);
  }
}
