// The inputs that determinism is tried on: every golden case and the example mesh, each with the proxies it is compiled for.

import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { type CompileInput, compileMesh, compileProxy, type MeshProxy, proxiesOf } from "#compiler";
import { encodeSnapshot } from "#xds-server";
import { compileCase, listCases } from "../fixtures/cases.ts";

export interface World {
  readonly name: string;
  readonly input: CompileInput;
  /** Beside those that the files themselves imply. */
  readonly proxies: readonly MeshProxy[];
}

const examples = path.join(import.meta.dirname, "../../examples");

export function listWorlds(): readonly World[] {
  // Of two objects with one name the first in the files counts: there, and only there, the place has a meaning.
  const cases = listCases().filter(({ name }) => name !== "service/duplicate-object");
  return [...cases.map(worldOfCase), ties(), bookinfo()];
}

function worldOfCase(each: Parameters<typeof compileCase>[0]): World {
  const read = (name: string) => ({ name, text: readFileSync(path.join(each.folder, name), "utf8") });
  const meshConfig = existsSync(path.join(each.folder, "mesh-config.yaml"))
    ? read("mesh-config.yaml")
    : undefined;
  return {
    name: each.name,
    input: { files: [read("input.yaml")], ...(meshConfig ? { meshConfig } : {}) },
    proxies: compileCase(each).proxies.map(({ proxy }) => proxy),
  };
}

/** Golden cases rarely have two objects that want the same; here everything has a rival. */
function ties(): World {
  const file = path.join(import.meta.dirname, "../../fixtures/mesh/ties/input.yaml");
  return {
    name: "ties",
    input: { files: [{ name: "input.yaml", text: readFileSync(file, "utf8") }] },
    proxies: [],
  };
}

function bookinfo(): World {
  const read = (name: string) => ({
    name,
    text: readFileSync(path.join(examples, "bookinfo", name), "utf8"),
  });
  return {
    name: "examples/bookinfo",
    input: {
      files: globSync("{mesh,policy}/*.yaml", { cwd: path.join(examples, "bookinfo") })
        .sort()
        .map(read),
      meshConfig: read("mesh-config.yaml"),
    },
    proxies: [],
  };
}

/** `proxy type-url name` → version, for everything that everyone gets: equal texts mean equal bytes. */
export function versionsOf(
  input: CompileInput,
  proxies: readonly MeshProxy[],
): Readonly<Record<string, string>> {
  const { mesh } = compileMesh(input);
  const versions: Record<string, string> = {};
  for (const proxy of [...proxies, ...proxiesOf(mesh)]) {
    for (const { resources } of encodeSnapshot(compileProxy(mesh, proxy)).collections.values()) {
      for (const { typeUrl, name, version } of resources.values()) {
        versions[`${proxy.id} ${typeUrl.split(".").at(-1)} ${name}`] = version;
      }
    }
  }
  return versions;
}
