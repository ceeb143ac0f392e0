// Where the Envoy that tests run is.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Path of the Envoy that setup fetched; throws when setup has not run. */
export function envoyBinary(): string {
  const path = fileURLToPath(new URL("../../.envoy/envoy-1.40.0/envoy", import.meta.url));
  if (!existsSync(path)) throw new Error(`no Envoy at ${path}: run \`npm run setup\``);
  return path;
}
