import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import test from "ava";
import fc from "fast-check";
import { findFileDescriptors } from "./find-files.ts";

const descriptor = (name: string, dependency: string[] = []): Uint8Array =>
  toBinary(FileDescriptorProtoSchema, create(FileDescriptorProtoSchema, { name, dependency, package: "p" }));

const found = (...parts: (Uint8Array | string)[]) =>
  findFileDescriptors(
    Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : part))),
  );

test("finds a descriptor between other constants, and its bytes exactly", (t) => {
  const bytes = descriptor("a/b.proto", ["google/protobuf/any.proto"]);
  t.deepEqual(
    found("\0junk\0", bytes, "\0\0more").map((file) => ({
      name: file.name,
      bytes: new Uint8Array(file.bytes),
    })),
    [{ name: "a/b.proto", bytes: new Uint8Array(bytes) }],
  );
});

test("tells two descriptors apart that touch", (t) => {
  const first = descriptor("a.proto");
  const files = found(first, descriptor("b.proto"));
  t.deepEqual(
    files.map((file) => file.name),
    ["a.proto", "b.proto"],
  );
  t.is(files[0]?.bytes.length, first.length);
});

test("keeps every copy of a name", (t) => {
  t.is(found(descriptor("a.proto"), "\0", descriptor("a.proto", ["b.proto"])).length, 2);
});

test("reads a name longer than one byte of length can say", (t) => {
  const name = `${"long/".repeat(30)}a.proto`;
  t.is(found("\0", descriptor(name))[0]?.name, name);
});

test("is not taken in by a path in a string, or by a name with nothing behind it", (t) => {
  t.deepEqual(found("\0see source/a.proto for more\0", "\n\x07a.proto\0\0\0"), []);
});

test("finds the same files wherever noise without the suffix surrounds them", (t) => {
  const noise = fc.uint8Array({ maxLength: 64 }).filter((bytes) => !Buffer.from(bytes).includes(".proto"));
  fc.assert(
    fc.property(noise, (before) => {
      // A zero ends a C constant; without one the noise might continue into a field of the descriptor.
      const names = found(before, "\0", descriptor("x/y.proto"), "\0", before).map((file) => file.name);
      t.deepEqual(names, ["x/y.proto"]);
    }),
  );
});
