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

/**
 * The version of a set of things with versions of their own: their sum, so that it depends on no order, and one that is replaced
 * costs no look at the others. Versions stand for names too, since every resource has its name among its bytes.
 */
export function joinedVersion(versions: readonly string[]): string {
  return versionOfSum(sumOfVersions(versions));
}

/** What `joinedVersion` writes down: for sums to which something is added many times. */
export function sumOfVersions(versions: readonly string[]): bigint {
  return versions.reduce((sum, version) => sum + read(version), 0n);
}

/** The version of the set in which some things were replaced. */
export function replacedVersion(before: string, gone: readonly string[], come: readonly string[]): string {
  const less = gone.reduce((sum, version) => sum - read(version), read(before));
  return versionOfSum(come.reduce((sum, version) => sum + read(version), less));
}

const bits = 80;

/** A sum of versions as a version. */
export function versionOfSum(sum: bigint): string {
  return BigInt.asUintN(bits, sum)
    .toString(16)
    .padStart(bits / 4, "0");
}

function read(version: string): bigint {
  return BigInt(`0x${version}`);
}
