// A `DeltaDiscoveryResponse` taken apart without decoding its resources. A resource that another client of the process has
// had in the same version is the same object again.

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

/** By name, then version: two names may have the same content. */
const known = new Map<string, Map<string, FrameResource>>();

/** Throws on malformed bytes. */
export function readDeltaFrame(bytes: Buffer): DeltaFrame {
  let typeUrl = "";
  let nonce = "";
  const resources: FrameResource[] = [];
  const removed: string[] = [];
  eachField(bytes, 0, bytes.length, (field, from, to) => {
    if (field === 2) resources.push(readResource(bytes, from, to));
    else if (field === 4) typeUrl = bytes.toString("utf8", from, to);
    else if (field === 5) nonce = bytes.toString("utf8", from, to);
    else if (field === 6) removed.push(bytes.toString("utf8", from, to));
  });
  return { typeUrl, nonce, resources, removed };
}

function readResource(bytes: Buffer, start: number, end: number): FrameResource {
  let name = "";
  let version = "";
  let any = bytes.subarray(0, 0);
  eachField(bytes, start, end, (field, from, to) => {
    if (field === 3) name = bytes.toString("utf8", from, to);
    else if (field === 1) version = bytes.toString("utf8", from, to);
    else if (field === 2) any = bytes.subarray(from, to);
  });
  const versions = known.get(name) ?? new Map<string, FrameResource>();
  const seen = versions.get(version);
  if (seen) return seen;
  let body = any.subarray(0, 0);
  eachField(any, 0, any.length, (field, from, to) => {
    // A copy: a view would keep the whole response for the sake of the one resource that is new in it.
    if (field === 2) body = Buffer.from(any.subarray(from, to));
  });
  const made = { name, version, body };
  known.set(name, versions.set(version, made));
  return made;
}
