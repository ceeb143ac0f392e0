// The values that one attribute of a rule is compared with. In: a list as written. Out: the same values, with each one
// that its attribute cannot have reported. What the rule does with them is not known here.

import { parseIpRange } from "../shared/ip-range.ts";
import { type Place, readItems, readRawText, report } from "../shared/place.ts";
import { findPathFlaw } from "./path-template.ts";
import type { Attribute } from "./spec.ts";

/** How many service accounts one list may name, and how long each may be: Istio's limits. */
const maxServiceAccounts = 16;
const maxServiceAccountLength = 320;

/** The texts of the list; service accounts come back as `namespace/name`. */
export function readValues(place: Place, attribute: Attribute): readonly string[] {
  const values = readItems(place).flatMap((item): string[] => {
    const value = readRawText(item);
    if (value === undefined) return [];
    const problem = value === "" ? emptyValue : flaw(value, attribute);
    if (problem !== undefined) report(item, ...problem);
    return [value];
  });
  if (attribute.type !== "service-account") return values;
  if (values.length > maxServiceAccounts) {
    report(place, "invalid-value", `more than ${maxServiceAccounts} service accounts in one list`);
  }
  const { namespace } = place.reader.object;
  return values.map((name) => (name.includes("/") ? name : `${namespace}/${name}`));
}

type Flaw = readonly ["invalid-value" | "invalid-address" | "invalid-port" | "invalid-path-template", string];

const emptyValue: Flaw = ["invalid-value", "an empty value matches nothing"];

function flaw(value: string, attribute: Attribute): Flaw | undefined {
  switch (attribute.type) {
    case "source-ip":
    case "remote-ip":
    case "destination-ip":
      return parseIpRange(value) === undefined
        ? ["invalid-address", `\`${value}\` is neither an IP address nor a CIDR block`]
        : undefined;
    case "destination-port":
      return /^\d{1,5}$/.test(value) && Number(value) <= 65535
        ? undefined
        : ["invalid-port", `\`${value}\` is not a port between 0 and 65535`];
    case "service-account":
      return serviceAccountFlaw(value);
    case "path": {
      const reason = findPathFlaw(value);
      return reason === undefined
        ? undefined
        : ["invalid-path-template", `\`${value}\` is not a path: ${reason}`];
    }
    case "principal":
    case "namespace":
    case "trust-domain":
    case "request-principal":
    case "audience":
    case "presenter":
    case "claim":
    case "header":
    case "host":
    case "method":
    case "sni":
    case "metadata":
      return undefined;
  }
}

function serviceAccountFlaw(value: string): Flaw | undefined {
  if (value.includes("*"))
    return ["invalid-value", `\`${value}\` has a wildcard, which service accounts cannot have`];
  if (value.length > maxServiceAccountLength) {
    return ["invalid-value", `longer than ${maxServiceAccountLength} characters`];
  }
  return /^[^/]+(\/[^/]+)?$/.test(value)
    ? undefined
    : ["invalid-value", `\`${value}\` is neither a service account nor \`namespace/service-account\``];
}
