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
const digits = bits / 4;

/** `joinedVersion` of versions where they lie in a message, without a string or a big number for each. */
export class VersionSum {
  /** Of the digits, the first and the second half: numbers below `half`. */
  #high = 0;
  #low = 0;
  #areVersions = true;

  add(bytes: Uint8Array, from: number, to: number): void {
    const middle = from + digits / 2;
    const high = to - from === digits ? numberIn(bytes, from, middle) : Number.NaN;
    const low = numberIn(bytes, middle, to);
    if (Number.isNaN(high + low)) {
      this.#areVersions = false;
      return;
    }
    this.#low += low;
    this.#high += high;
    if (this.#low >= half) {
      this.#low -= half;
      this.#high += 1;
    }
    if (this.#high >= half) this.#high -= half;
  }

  /** Undefined where something that was added is no version. */
  get joined(): string | undefined {
    return this.#areVersions ? halfOf(this.#high) + halfOf(this.#low) : undefined;
  }
}

const half = 2 ** (bits / 2);

function halfOf(number: number): string {
  return number.toString(16).padStart(digits / 2, "0");
}

/** By character code, what a hexadecimal digit stands for; NaN for any other. */
const digitValues = Float64Array.from({ length: 256 }, (_, code) =>
  "0123456789abcdef".indexOf(String.fromCharCode(code)),
).map((value) => (value < 0 ? Number.NaN : value));

function numberIn(bytes: Uint8Array, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at++) number = number * 16 + (digitValues[bytes[at] ?? 0] ?? Number.NaN);
  return number;
}

/** A sum of versions as a version. */
export function versionOfSum(sum: bigint): string {
  return BigInt.asUintN(bits, sum).toString(16).padStart(digits, "0");
}

function read(version: string): bigint {
  return BigInt(`0x${version}`);
}
