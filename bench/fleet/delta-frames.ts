// A `DeltaDiscoveryResponse` taken apart without decoding its resources, so that a hundred clients in one process cost
// little more than reading their sockets.

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

/** Throws on anything but length-delimited fields: this message has no others. */
export function readDeltaFrame(bytes: Buffer): DeltaFrame {
  let typeUrl = "";
  let nonce = "";
  const resources: FrameResource[] = [];
  const removed: string[] = [];
  for (const [field, content] of fieldsOf(bytes)) {
    if (field === 2) resources.push(readResource(content));
    else if (field === 4) typeUrl = content.toString();
    else if (field === 5) nonce = content.toString();
    else if (field === 6) removed.push(content.toString());
  }
  return { typeUrl, nonce, resources, removed };
}

function readResource(bytes: Buffer): FrameResource {
  let name = "";
  let version = "";
  let body: Buffer = bytes.subarray(0, 0);
  for (const [field, content] of fieldsOf(bytes)) {
    if (field === 1) version = content.toString();
    else if (field === 3) name = content.toString();
    else if (field === 2) for (const [inner, value] of fieldsOf(content)) if (inner === 2) body = value;
  }
  return { name, version, body };
}

function* fieldsOf(bytes: Buffer): Generator<readonly [field: number, content: Buffer]> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    if ((tag & 7) !== 2) throw new Error(`field ${tag >> 3} has wire type ${tag & 7}`);
    const length = varint();
    yield [tag >> 3, bytes.subarray(at, at + length)];
    at += length;
  }
}
