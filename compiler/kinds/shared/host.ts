// Host names in policy: which texts are names, and what a short name means where it is written.

import { isDnsLabel } from "../../model/names.ts";
import { isIpAddress } from "./ip-range.ts";
import { type Place, report } from "./place.ts";

/**
 * The fully qualified form of a host written in `namespace`: `reviews` is `reviews.<namespace>.svc.<domainSuffix>`.
 * Names with a dot, wildcards and addresses stand for themselves (Istio). Lower case, without the root's dot.
 */
export function resolveHost(host: string, namespace: string, domainSuffix: string): string {
  const name = host.toLowerCase().replace(/(?<=.)\.$/, "");
  if (name === "*" || name.includes(".") || isIpAddress(name)) return name;
  return `${name}.${namespace}.svc.${domainSuffix}`;
}

/** Why the text is not a fully qualified name; undefined when it is. */
export function faultOfDomain(name: string): string | undefined {
  return faultOfLength(name) ?? faultOfLabels(name, name);
}

/** As `faultOfDomain`, but the first label may be `*` or begin with it (`*.example.com`, `*-api.example.com`). */
export function faultOfWildcardDomain(name: string): string | undefined {
  const length = faultOfLength(name);
  if (length !== undefined) return length;
  const dot = name.indexOf(".");
  const first = dot === -1 ? name : name.slice(0, dot);
  if (
    !/^(?:\*|\*?[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?|\*[-a-zA-Z0-9]*[a-zA-Z0-9])$/.test(first) ||
    first.length > 63
  ) {
    return first.includes("*") ? "a wildcard may only begin the name" : `"${first}" is not a DNS label`;
  }
  return dot === -1 ? undefined : faultOfLabels(name.slice(dot + 1), name);
}

function faultOfLength(name: string): string | undefined {
  if (name === "") return "it is empty";
  return name.length > 255 ? "it is longer than 255 characters" : undefined;
}

function faultOfLabels(labels: string, name: string): string | undefined {
  const parts = labels.split(".");
  const rooted = parts.at(-1) === "" ? parts.slice(0, -1) : parts;
  if (/^\d+$/.test(parts.at(-1) ?? "")) return "its last label is a number";
  const bad = rooted.find((label) => !isDnsLabel(label));
  if (bad === undefined) return undefined;
  if (bad.includes("*")) return "a wildcard may only begin the name";
  return bad === "" ? `"${name}" has an empty label` : `"${bad}" is not a DNS label`;
}

/** Reports a text that is no host name; `wildcard` allows `*` at its beginning, `address` an IP address. */
export function checkHost(
  place: Place,
  host: string,
  allow: { readonly wildcard?: boolean; readonly address?: boolean } = {},
): boolean {
  if (allow.address === true && isIpAddress(host)) return true;
  const fault = allow.wildcard === true ? faultOfWildcardDomain(host) : faultOfDomain(host);
  if (fault === undefined) return true;
  report(place, "invalid-host", `"${host}" is not a host name: ${fault}`);
  return false;
}

/** Whether some name matches both: a wildcard matches every name that ends like it. */
export function hostsOverlap(a: string, b: string): boolean {
  if (a.startsWith("*") && b.startsWith("*"))
    return a.slice(1).endsWith(b.slice(1)) || b.slice(1).endsWith(a.slice(1));
  if (a.startsWith("*")) return b.endsWith(a.slice(1));
  return b.startsWith("*") ? a.endsWith(b.slice(1)) : a === b;
}

/** Whether every name that `inner` matches is matched by `outer`. */
export function hostCovers(outer: string, inner: string): boolean {
  if (!outer.startsWith("*")) return outer === inner;
  const rest = inner.startsWith("*") ? inner.slice(1) : inner;
  return rest.endsWith(outer.slice(1));
}
