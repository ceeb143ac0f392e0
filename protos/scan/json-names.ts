// In: a decoded file descriptor. Out: the same with every field's JSON name present, as `protoc` would print it.
// The descriptors that C++ code embeds carry a JSON name only where a .proto file sets one by hand.

import type { DescriptorProto, FileDescriptorProto } from "@bufbuild/protobuf/wkt";

/** Fills absent JSON names in place, in messages of any depth and in extensions. */
export function fillJsonNames(file: FileDescriptorProto): void {
  for (const field of file.extension) field.jsonName ||= toJsonName(field.name);
  for (const message of file.messageType) fillMessage(message);
}

/** Lower camel case by protobuf's own rule: each underscore goes, and a small letter behind it becomes a capital. */
export function toJsonName(fieldName: string): string {
  return fieldName.replace(/_+(.?)/g, (_, next: string) => next.toUpperCase());
}

function fillMessage(message: DescriptorProto): void {
  for (const field of [...message.field, ...message.extension]) field.jsonName ||= toJsonName(field.name);
  for (const nested of message.nestedType) fillMessage(nested);
}
