// In: everything the generated types depend on. Out: one hash of it all: equal keys mean there is nothing to generate.

import { readdirSync, readFileSync } from "node:fs";
import { sha256Of } from "../envoy/identify.ts";
import { ROOT } from "../paths.ts";

/** Named inputs and what stands for each: a hash or a version. */
export type KeyParts = Readonly<Record<string, string>>;

/** A key that is the same for the same parts in any order, and different when any of them differs. */
export function keyOf(parts: KeyParts): string {
  const lines = Object.entries(parts).map(([name, value]) => JSON.stringify([name, value]));
  return sha256Of(lines.sort().join("\n"));
}

/** The inputs as they are in this checkout, for an Envoy whose bytes have the hash `envoySha256`. */
export function currentParts(envoySha256: string): KeyParts {
  return {
    envoy: envoySha256,
    ...hashesOf("protos/scan"),
    ...hashesOf("setup/types"),
    "buf.gen.yaml": sha256Of(readFileSync(`${ROOT}/buf.gen.yaml`)),
    buf: versionOf("@bufbuild/buf"),
    plugin: versionOf("@bufbuild/protoc-gen-es"),
  };
}

function hashesOf(folder: string): KeyParts {
  const names = readdirSync(`${ROOT}/${folder}`).filter(
    (name) => name.endsWith(".ts") && !name.endsWith(".test.ts"),
  );
  return Object.fromEntries(
    names.map((name) => [`${folder}/${name}`, sha256Of(readFileSync(`${ROOT}/${folder}/${name}`))]),
  );
}

function versionOf(name: string): string {
  const manifest: unknown = JSON.parse(readFileSync(`${ROOT}/node_modules/${name}/package.json`, "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest)
    return String(manifest.version);
  throw new Error(`${name} has no version`);
}
