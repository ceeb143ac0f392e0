// Options made of several parts: `key=value`, given again and again, and `region/zone/subzone`.

import { InvalidArgumentError } from "commander";

/** Collects `--label k=v` into a record; a later value of a key wins. */
export function collectLabel(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("KEY=VALUE is needed, such as app=reviews.");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** Parses `region`, `region/zone` or `region/zone/subzone`. */
export function parseLocality(text: string): {
  readonly region: string;
  readonly zone: string;
  readonly subzone: string;
} {
  const [region = "", zone = "", subzone = "", ...more] = text.split("/");
  if (region === "" || more.length > 0) {
    throw new InvalidArgumentError("REGION/ZONE/SUBZONE is needed, such as eu-west/eu-west-1a.");
  }
  return { region, zone, subzone };
}
