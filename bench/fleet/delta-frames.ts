// A `DeltaDiscoveryResponse` taken apart without decoding its resources. A resource that another client of the process has
// had in the same version is the same object again, found by guessing what comes after the one before it.

import { eachField } from "./wire.ts";

export interface DeltaFrame {
  readonly typeUrl: string;
  readonly nonce: string;
  readonly resources: readonly FrameResource[];
  readonly removed: readonly string[];
}

export interface FrameResource {
  readonly name: string;
  readonly version: string;
  /** The message inside the `Any`. */
  readonly body: Buffer;
}

interface Known {
  readonly resource: FrameResource;
  /** All of it, as it stands in a response. */
  readonly bytes: Buffer;
  /** What came after it last time. */
  next: Known | undefined;
}

const known = new Map<string, Known>();
/** What came first in the last response that began with a resource of this length. */
const firsts = new Map<number, Known>();

/** Throws on malformed bytes. Keeps no view of them. */
export function readDeltaFrame(bytes: Buffer): DeltaFrame {
  let typeUrl = "";
  let nonce = "";
  const resources: FrameResource[] = [];
  const removed: string[] = [];
  let last: Known | undefined;
  eachField(bytes, 0, bytes.length, (field, from, to) => {
    if (field === 2) {
      const guess = last ? last.next : firsts.get(to - from);
      const found = guess && isAt(guess, bytes, from, to) ? guess : knownAt(bytes, from, to);
      if (last) last.next = found;
      else firsts.set(to - from, found);
      last = found;
      resources.push(found.resource);
    } else if (field === 4) typeUrl = bytes.toString("utf8", from, to);
    else if (field === 5) nonce = bytes.toString("utf8", from, to);
    else if (field === 6) removed.push(bytes.toString("utf8", from, to));
  });
  return { typeUrl, nonce, resources, removed };
}

function isAt({ bytes: expected }: Known, bytes: Buffer, from: number, to: number): boolean {
  return expected.length === to - from && expected.compare(bytes, from, to) === 0;
}

function knownAt(bytes: Buffer, from: number, to: number): Known {
  const { name, version } = readResource(bytes.subarray(from, to));
  // Two names may have the same content.
  const key = `${version} ${name}`;
  const seen = known.get(key);
  if (seen) return seen;
  // A copy: a view would keep the whole response for the sake of the one resource that is new in it.
  const copy = Buffer.from(bytes.subarray(from, to));
  const made = { bytes: copy, resource: readResource(copy), next: undefined };
  known.set(key, made);
  return made;
}

function readResource(bytes: Buffer): FrameResource {
  let name = "";
  let version = "";
  let body = bytes.subarray(0, 0);
  eachField(bytes, 0, bytes.length, (field, from, to) => {
    if (field === 3) name = bytes.toString("utf8", from, to);
    else if (field === 1) version = bytes.toString("utf8", from, to);
    else if (field === 2) {
      eachField(bytes, from, to, (inner, start, end) => {
        if (inner === 2) body = bytes.subarray(start, end);
      });
    }
  });
  return { name, version, body };
}
