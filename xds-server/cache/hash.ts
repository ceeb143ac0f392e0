// Bytes in, version out. The one file of the pure half that imports from Node: hashing is a pure function, and
// node:crypto's is many times faster than one written in JavaScript.

import { hash } from "node:crypto";

/**
 * The version of some bytes: 20 hexadecimal characters of their SHA-256. The same bytes have the same version on every
 * replica and after every restart, which is what lets a reconnecting proxy keep what it has.
 */
export function contentVersion(bytes: Uint8Array | string): string {
  return hash("sha256", bytes, "hex").slice(0, 20);
}
