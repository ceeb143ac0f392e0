// In: the name of a .proto file that is in the Envoy binary. Out: its descriptor, made when it is first asked for out of the
// one image that set-up wrote. The generated modules ask here, so that a process pays for the files that it uses.

import { createFileRegistry, type DescFile, type DescMessage, fromBinary } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { BinaryReader, base64Decode } from "@bufbuild/protobuf/wire";
import * as wellKnown from "@bufbuild/protobuf/wkt";
import { fullRegistry } from "./full-registry.ts";
import { image } from "./gen/image.js";

/** Messages by their full name: what it takes to look into an `Any`. */
export interface MessageTypes {
  getMessage(typeName: string): DescMessage | undefined;
}

const made = new Map<string, DescFile>();
const asImported = new Map<string, DescFile>();
let encoded: ReadonlyMap<string, Uint8Array> | undefined;

/** The descriptor of `envoy/config/core/v3/base.proto`; throws for a file that the image does not have. */
export function fileOf(name: string): DescFile {
  const known = made.get(name);
  if (known !== undefined) return known;
  encoded ??= cutImage(base64Decode(image));
  const bytes = encoded.get(name);
  if (bytes === undefined) throw new Error(`Envoy has no ${name}`);
  const proto = fromBinary(wellKnown.FileDescriptorProtoSchema, bytes);
  const file = createFileRegistry(proto, imported).getFile(name);
  if (file === undefined) throw new Error(`the descriptor of ${name} goes by another name`);
  made.set(name, file);
  return file;
}

/** Imported by nearly every file, and only for the options in it: no field has a type of theirs. */
const forOptions = /^(?:validate|(?:envoy|udpa|xds)\/annotations)\//;

/**
 * A file as those see it that import it: its types, and of its own imports only the public ones, of which this Envoy
 * has none. Whole, each file would be read again with everything below it, which took 0.4 s for the hundred files in use.
 */
function imported(name: string): DescFile {
  const known = asImported.get(name);
  if (known !== undefined) return known;
  const file = wellKnownFiles.get(name) ?? fileOf(name);
  const { dependency, publicDependency } = file.proto;
  const view: DescFile = {
    ...file,
    dependencies: publicDependency.map((index) => imported(dependency[index] ?? "")),
    ...(forOptions.test(name) && { messages: [], enums: [], extensions: [], services: [] }),
  };
  asImported.set(name, view);
  return view;
}

const wellKnownFiles: ReadonlyMap<string, DescFile> = new Map(
  Object.values(wellKnown).flatMap((each) =>
    typeof each === "object" && "kind" in each && each.kind === "file" ? [[each.proto.name, each]] : [],
  ),
);

/** A `FileDescriptorSet` cut into its files, none of which is decoded further than to its name. */
function cutImage(set: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const reader = new BinaryReader(set);
  while (reader.pos < reader.len) {
    reader.tag();
    const bytes = reader.bytes();
    const inside = new BinaryReader(bytes);
    // The scan finds a file by its name, which therefore comes first.
    inside.tag();
    files.set(inside.string(), bytes);
  }
  return files;
}

const messages = new Map<string, DescMessage>();
let indexed = 0;

/** Every message of Envoy; those in files that nobody has asked for come from the full registry, which takes 0.1 s once. */
export const messageTypes: MessageTypes = {
  getMessage: (typeName) => {
    if (indexed < made.size) {
      for (const file of [...made.values()].slice(indexed)) {
        for (const type of nestedTypes(file)) if (type.kind === "message") messages.set(type.typeName, type);
      }
      indexed = made.size;
    }
    return messages.get(typeName) ?? fullRegistry().getMessage(typeName);
  },
};
