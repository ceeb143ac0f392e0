import { create, toBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import test from "ava";
import type { FoundFile } from "./find-files.ts";
import { buildDescriptorSet, parseImage, serializeImage } from "./image.ts";

const file = (
  name: string,
  dependency: string[],
  fields: readonly [name: string, jsonName: string][] = [],
): FoundFile => ({
  name,
  bytes: toBinary(
    FileDescriptorProtoSchema,
    create(FileDescriptorProtoSchema, {
      name,
      dependency,
      messageType: [
        {
          name: "M",
          field: fields.map(([field, jsonName], index) => ({ name: field, jsonName, number: index + 1 })),
        },
      ],
    }),
  ),
});

const jsonNames = (descriptor: FileDescriptorProto | undefined) =>
  descriptor?.messageType.flatMap((message) => message.field.map((field) => field.jsonName));

test("puts each file after what it imports, and gives the same bytes for the same files in any order", (t) => {
  const files = [file("a.proto", ["c.proto"]), file("b.proto", []), file("c.proto", ["b.proto"])];
  const set = buildDescriptorSet(files);
  t.deepEqual(
    set.file.map((descriptor) => descriptor.name),
    ["b.proto", "c.proto", "a.proto"],
  );
  t.deepEqual(serializeImage(buildDescriptorSet(files.toReversed())), serializeImage(set));
  t.deepEqual(parseImage(serializeImage(set)), set);
});

test("keeps the fullest of several copies", (t) => {
  const bare = file("a.proto", [], [["safe_regex", ""]]);
  const full = file("a.proto", [], [["safe_regex", "byHand"]]);
  for (const found of [
    [bare, full],
    [full, bare],
  ]) {
    t.deepEqual(jsonNames(buildDescriptorSet(found).file[0]), ["byHand"]);
  }
});

test("fills the JSON names that C++ descriptors leave out", (t) => {
  const set = buildDescriptorSet([
    file(
      "a.proto",
      [],
      [
        ["lb_policy", ""],
        ["http2_max__x", ""],
      ],
    ),
  ]);
  t.deepEqual(jsonNames(set.file[0]), ["lbPolicy", "http2MaxX"]);
});

test("refuses files that import what was not found, and names both", (t) => {
  t.throws(() => buildDescriptorSet([file("a.proto", ["gone.proto"])]), { message: /a\.proto: gone\.proto/ });
});
