// Which Fairlead this is, from the one place where its number is written.

import { readFileSync } from "node:fs";

/** The version in package.json. */
export function productVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  const { version } = JSON.parse(text) as { readonly version: string };
  return version;
}
