// In: file descriptors as found in a binary. Out: one FileDescriptorSet image in dependency order, same input same bytes.
// Refuses an image with a hole in it; whether the right files are there is `check.ts`'s question.

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  type FileDescriptorSet,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import type { FoundFile } from "./find-files.ts";
import { fillJsonNames } from "./json-names.ts";

/**
 * Decodes the found files, keeps one per name, and orders them so that each follows what it imports.
 *
 * Envoy links two protobuf runtimes, C++ and gRPC's upb; the copies they keep of one file differ only in upb's having
 * JSON names, so that the longest copy is the fullest, and the names the others lack are filled in.
 */
export function buildDescriptorSet(found: readonly FoundFile[]): FileDescriptorSet {
  const longest = new Map<string, FoundFile>();
  for (const file of found) {
    const seen = longest.get(file.name);
    if (seen === undefined || seen.bytes.length < file.bytes.length) longest.set(file.name, file);
  }
  const files = new Map<string, FileDescriptorProto>();
  for (const name of [...longest.keys()].sort()) {
    const bytes = longest.get(name)?.bytes ?? new Uint8Array();
    const file = fromBinary(FileDescriptorProtoSchema, bytes);
    fillJsonNames(file);
    files.set(name, file);
  }
  return create(FileDescriptorSetSchema, { file: inDependencyOrder(files) });
}

/** The image as bytes: what `buf` takes as a `binary_image`, and what `parseImage` reads. */
export function serializeImage(set: FileDescriptorSet): Uint8Array {
  return toBinary(FileDescriptorSetSchema, set);
}

/** Reads an image back; throws on bytes that are not a FileDescriptorSet. */
export function parseImage(bytes: Uint8Array): FileDescriptorSet {
  return fromBinary(FileDescriptorSetSchema, bytes);
}

/** Imports that no file of the set satisfies, as `importer: imported`; empty for a closed set. */
export function missingImports(files: ReadonlyMap<string, FileDescriptorProto>): readonly string[] {
  return [...files.values()].flatMap((file) =>
    file.dependency.filter((name) => !files.has(name)).map((name) => `${file.name}: ${name}`),
  );
}

function inDependencyOrder(files: ReadonlyMap<string, FileDescriptorProto>): FileDescriptorProto[] {
  const missing = missingImports(files);
  if (missing.length > 0)
    throw new Error(`descriptors import files that were not found: ${missing.join(", ")}`);
  const ordered = new Set<FileDescriptorProto>();
  const visit = (file: FileDescriptorProto): void => {
    if (ordered.has(file)) return;
    for (const name of file.dependency) {
      const imported = files.get(name);
      if (imported !== undefined) visit(imported);
    }
    ordered.add(file);
  };
  for (const file of files.values()) visit(file);
  return [...ordered];
}
