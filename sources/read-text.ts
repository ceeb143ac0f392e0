// One look at one file. In: a path. Out: its text, or why there is none. Refuses to know what was there before, and never throws for
// what a user can do to a file.
import { hash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { readFile, stat, statfs } from "node:fs/promises";

/** Files above this many bytes are refused: no policy is that long, and a stray archive must not fill the memory. */
export const maxFileBytes = 10 * 1024 * 1024;

/** What one look at a file found. Equal signatures of one path mean equal content. */
export type Observation =
  | {
      readonly kind: "text";
      readonly signature: string;
      readonly text: string;
      readonly hash: string;
      /** Which file it is, whatever its name: device and inode. */
      readonly file?: string;
      /** It was written elsewhere and then moved here: a rename is newer than the last write, or was notified of (`replacements.ts`). */
      readonly moved?: true;
      /** Its disk is full, and it ends where a writer that met that may have had to stop. */
      readonly mayBeCut?: true;
    }
  | { readonly kind: "missing"; readonly signature: "missing" }
  /** Something is there and cannot be used: not readable, too long, not UTF-8, a symlink to nothing. */
  | { readonly kind: "unreadable"; readonly signature: string; readonly message: string }
  /** It changed while it was read. */
  | { readonly kind: "moving"; readonly signature: string };

/** Changes whenever the content may have changed: device, inode, size and both times, in nanoseconds. */
export function statSignature(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
}

/** The signature of what is at `path` now, without reading it: comparable to an observation's. */
export async function lookAt(path: string): Promise<string> {
  try {
    return statSignature(await stat(path, { bigint: true }));
  } catch (error) {
    return failedLook(error).signature;
  }
}

/** Reads `path`, following symlinks. A folder or a pipe is `unreadable`; nothing is opened before it is known to be a file. */
export async function readText(path: string): Promise<Observation> {
  try {
    const before = await stat(path, { bigint: true });
    const signature = statSignature(before);
    if (!before.isFile()) return { kind: "unreadable", signature, message: "is not a regular file" };
    if (before.size > maxFileBytes) {
      const mebibytes = (Number(before.size) / 1024 / 1024).toFixed(1);
      return { kind: "unreadable", signature, message: `is ${mebibytes} MiB long; the limit is 10 MiB` };
    }
    const bytes = await readFile(path);
    const after = statSignature(await stat(path, { bigint: true }));
    if (after !== signature) return { kind: "moving", signature: after };
    const found = decodeText(bytes, signature);
    if (found.kind !== "text") return found;
    const mayBeCut = endsLikeACut(bytes) && (await isDiskFull(path));
    return {
      ...found,
      file: `${before.dev}:${before.ino}`,
      ...(before.ctimeNs > before.mtimeNs && { moved: true }),
      ...(mayBeCut && { mayBeCut }),
    };
  } catch (error) {
    return failedLook(error);
  }
}

/** Disks give out room by blocks of so many bytes, or a multiple of that. */
const blockBytes = 4096;
/** With less room than this a disk counts as full: whoever was cut short may have tidied up a little afterwards. */
const roomBytes = 256 * 1024;

function endsLikeACut(bytes: Uint8Array): boolean {
  return bytes.length > 0 && (bytes.at(-1) !== 0x0a || bytes.length % blockBytes === 0);
}

/** Whether other users than root can write no more. A quota that is used up does not show here. */
async function isDiskFull(path: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize < roomBytes;
}

/** The bytes as an observation: `text`, or `unreadable` when they are not UTF-8. */
export function decodeText(bytes: Uint8Array, signature: string): Observation {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { kind: "text", signature, text, hash: hash("sha256", bytes, "hex") };
  } catch {
    const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    const message = utf16 ? "is UTF-16; save it as UTF-8" : "is not UTF-8";
    return { kind: "unreadable", signature, message };
  }
}

/** The system's error code (`ENOENT`), or undefined for an error that is not the system's. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** What a failed system call says about a path. An error that is not the system's is our own bug and is thrown on. */
export function failedLook(error: unknown): Extract<Observation, { kind: "missing" | "unreadable" }> {
  const code = systemErrorCode(error);
  switch (code) {
    case undefined:
      throw error;
    case "ENOENT":
    case "ENOTDIR":
      return { kind: "missing", signature: "missing" };
    case "EACCES":
    case "EPERM":
      return { kind: "unreadable", signature: code, message: "permission denied" };
    case "ELOOP":
      return { kind: "unreadable", signature: code, message: "is a symlink that leads back to itself" };
    default:
      return { kind: "unreadable", signature: code, message: `cannot be read (${code})` };
  }
}
