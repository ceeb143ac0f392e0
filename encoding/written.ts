// Bytes of whatever somebody writes. In: what to write. Out: memory of its own that holds it. Knows no message.

import { BinaryWriter } from "@bufbuild/protobuf/wire";

/** Writers keep their memory, which for thousands of messages is worth it. One that threw is not among them. */
const idle: BinaryWriter[] = [];

/** What `write` writes; something else may be written meanwhile. */
export function written(write: (writer: BinaryWriter) => void): Uint8Array {
  const writer = idle.pop() ?? new BinaryWriter();
  write(writer);
  const bytes = writer.finish();
  idle.push(writer);
  return bytes;
}
