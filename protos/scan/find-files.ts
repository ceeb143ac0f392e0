// In: the bytes of an executable that links C++ protobuf code. Out: every serialized FileDescriptorProto in them.
// Protobuf's generated C++ keeps each file's descriptor, uncompressed, as a constant; nothing here knows Envoy.

import { readField, readVarint } from "./wire.ts";

/** A FileDescriptorProto as found: the name it begins with and the bytes from there to its last field. */
export interface FoundFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const NAME_TAG = 0x0a;
const SUFFIX = ".proto";
const PLAIN_PATH = /^[\w./-]+\.proto$/;
const LONGEST_NAME = 256;

/** FileDescriptorProto's fields after `name`, with their wire type (descriptor.proto; 14 is `edition`, an enum). */
const FIELD_WIRE_TYPES: ReadonlyMap<number, number> = new Map([
  ...[2, 3, 4, 5, 6, 7, 8, 9, 12].map((number) => [number, 2] as const),
  ...[10, 11, 14].map((number) => [number, 0] as const),
]);

/** Finds every file descriptor in `binary`, in the order of their position; a name may occur more than once. */
export function findFileDescriptors(binary: Uint8Array): readonly FoundFile[] {
  const haystack = Buffer.from(binary.buffer, binary.byteOffset, binary.byteLength);
  const found: FoundFile[] = [];
  let from = 0;
  for (;;) {
    const suffix = haystack.indexOf(SUFFIX, from, "latin1");
    if (suffix < 0) return found;
    const nameEnd = suffix + SUFFIX.length;
    from = nameEnd;
    const start = startOfNameField(haystack, nameEnd);
    if (start === undefined) continue;
    const name = haystack.toString("latin1", start.value, nameEnd);
    const end = endOfDescriptor(haystack, nameEnd);
    if (end === nameEnd) continue;
    found.push({ name, bytes: binary.subarray(start.tag, end) });
    from = end;
  }
}

/** Looks backwards from the end of a name for the tag and length that would introduce exactly this string. */
function startOfNameField(bytes: Buffer, nameEnd: number): { tag: number; value: number } | undefined {
  const earliest = Math.max(0, nameEnd - LONGEST_NAME);
  for (let tag = nameEnd - SUFFIX.length - 2; tag >= earliest; tag--) {
    if (bytes[tag] !== NAME_TAG) continue;
    const length = readVarint(bytes, tag + 1);
    if (length === undefined || length.end + length.value !== nameEnd) continue;
    if (PLAIN_PATH.test(bytes.toString("latin1", length.end, nameEnd))) return { tag, value: length.end };
  }
  return undefined;
}

/** Takes fields greedily; a second name, an unknown field or a wrong wire type is where the next constant begins. */
function endOfDescriptor(bytes: Buffer, afterName: number): number {
  let end = afterName;
  for (;;) {
    const field = readField(bytes, end);
    if (field === undefined || FIELD_WIRE_TYPES.get(field.number) !== field.wireType) return end;
    end = field.end;
  }
}
