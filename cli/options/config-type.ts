// What may be asked for of a proxy's configuration.

import { InvalidArgumentError } from "commander";

/** In the order in which `all` prints them. */
export const configTypes = ["clusters", "listeners", "routes", "endpoints", "secrets"] as const;

export type ConfigType = (typeof configTypes)[number];

const shortForms: ReadonlyMap<string, ConfigType> = new Map([
  ["c", "clusters"],
  ["l", "listeners"],
  ["r", "routes"],
  ["ep", "endpoints"],
  ["s", "secrets"],
]);

/** Singular, plural, and istioctl's short forms. */
export function parseConfigType(text: string): ConfigType | "all" {
  if (text === "all") return text;
  const found = configTypes.find((type) => type === text || type === `${text}s`) ?? shortForms.get(text);
  if (found) return found;
  throw new InvalidArgumentError("It is one of all, cluster, listener, route, endpoint, secret.");
}
