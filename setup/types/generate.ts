// In: an Envoy binary. Out: `protos/descriptors.binpb` and `protos/gen`, replaced as a whole or not at all.

import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import {
  buildDescriptorSet,
  checkImage,
  expectationFor,
  findFileDescriptors,
  serializeImage,
} from "@envoyproxy/protos-ts/scan";
import type { EnvoyBinary } from "../envoy/identify.ts";
import type { EnvoyProblem } from "../envoy/locate.ts";
import { ENVOY_FOLDER, GENERATED, IMAGE, KEY_NAME, ROOT } from "../paths.ts";
import { lightenModule } from "./lighten.ts";

/** Scans `binary` and generates its types; `undefined` when that worked. `key` is stored with the result. */
export function generateTypes(binary: EnvoyBinary, key: string): EnvoyProblem | undefined {
  const set = buildDescriptorSet(findFileDescriptors(readFileSync(binary.path)));
  const defects = checkImage(set, expectationFor(binary.version));
  if (defects.length > 0) {
    return {
      problem: `The protobuf descriptors in ${binary.path} are not whole:\n  ${defects.join("\n  ")}`,
    };
  }
  const image = serializeImage(set);
  writeFileSync(`${IMAGE}.${process.pid}`, image);
  renameSync(`${IMAGE}.${process.pid}`, IMAGE);
  const work = mkdtempSync(join(ENVOY_FOLDER, "generate-"));
  try {
    const problem = runBuf(work);
    if (problem !== undefined) return problem;
    const fresh = join(work, "protos", "gen");
    lightenModules(fresh);
    writeImageModule(fresh, image);
    writeFileSync(join(fresh, KEY_NAME), `${key}\n`);
    rmSync(GENERATED, { recursive: true, force: true });
    renameSync(fresh, GENERATED);
    return undefined;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function runBuf(output: string): EnvoyProblem | undefined {
  const bin = `${ROOT}/node_modules/.bin`;
  const run = spawnSync(`${bin}/buf`, ["generate", "--output", output], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ""}` },
  });
  if (run.status === 0) return undefined;
  return { problem: `buf generate failed: ${run.error?.message ?? run.stderr.trim()}` };
}

function lightenModules(folder: string): void {
  for (const name of globSync("**/*_pb.js", { cwd: folder })) {
    const path = join(folder, name);
    writeFileSync(path, lightenModule(readFileSync(path, "utf8")));
  }
}

/** The image as a module, so that the registry needs no file system and runs in a browser. */
function writeImageModule(folder: string, image: Uint8Array): void {
  writeFileSync(
    join(folder, "image.js"),
    `export const image = "${Buffer.from(image).toString("base64")}";\n`,
  );
  writeFileSync(join(folder, "image.d.ts"), "export declare const image: string;\n");
}
