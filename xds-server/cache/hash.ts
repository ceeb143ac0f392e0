// Bytes in, version out. One of two files of the pure half that import from Node: hashing is a pure function, and
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
  /** What the four parts of each version come to, the first part first: what is carried from one to the next is, at the end. */
  #first = 0;
  #second = 0;
  #third = 0;
  #fourth = 0;
  #areVersions = true;

  add(bytes: Uint8Array, from: number, to: number): void {
    const first = partAt(bytes, from);
    const second = partAt(bytes, from + 5);
    const third = partAt(bytes, from + 10);
    const fourth = partAt(bytes, from + 15);
    if (to - from !== digits || (first | second | third | fourth) < 0) {
      this.#areVersions = false;
      return;
    }
    this.#first += first;
    this.#second += second;
    this.#third += third;
    this.#fourth += fourth;
  }

  /** Undefined where something that was added is no version. */
  get joined(): string | undefined {
    if (!this.#areVersions) return undefined;
    const third = this.#third + Math.floor(this.#fourth / part);
    const second = this.#second + Math.floor(third / part);
    const first = this.#first + Math.floor(second / part);
    return [first, second, third, this.#fourth].map(written).join("");
  }
}

/** Of four parts that a version has, each of five digits. */
const part = 2 ** (bits / 4);

function written(number: number): string {
  return (number % part).toString(16).padStart(digits / 4, "0");
}

/** By character code, what a hexadecimal digit stands for; -1 for any other. */
const digitValues = Int8Array.from({ length: 256 }, (_, code) =>
  "0123456789abcdef".indexOf(String.fromCharCode(code)),
);

/** Five digits from there on; below zero if there is anything else. */
function partAt(bytes: Uint8Array, at: number): number {
  return (
    (digitAt(bytes, at) << 16) |
    (digitAt(bytes, at + 1) << 12) |
    (digitAt(bytes, at + 2) << 8) |
    (digitAt(bytes, at + 3) << 4) |
    digitAt(bytes, at + 4)
  );
}

function digitAt(bytes: Uint8Array, at: number): number {
  return digitValues[bytes[at] ?? 0] ?? -1;
}

/** A sum of versions as a version. */
export function versionOfSum(sum: bigint): string {
  return BigInt.asUintN(bits, sum).toString(16).padStart(digits, "0");
}

function read(version: string): bigint {
  return BigInt(`0x${version}`);
}
