// Which release of Envoy would run here.

import { locateEnvoy } from "#setup";

/** `1.40.0`; undefined when there is none. */
export function envoyVersion(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const found = locateEnvoy(env);
  return "problem" in found ? undefined : found.version;
}
