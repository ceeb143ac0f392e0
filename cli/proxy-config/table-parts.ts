// What the tables of all types have in common.

import type { Address } from "@envoyproxy/protos-ts/envoy/config/core/v3/address";

/** A table: headings, and rows in the order in which they are shown. */
export interface Table {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * The origins of one kind, without saying it: `default/reviews reviews.yaml:5, 10`. In: `Kind namespace/name file:line`, as
 * dumps have them.
 */
export function originsOfKind(origins: readonly string[], kind: string): string {
  const lines = new Map<string, string[]>();
  for (const origin of origins) {
    if (!origin.startsWith(`${kind} `)) continue;
    const colon = origin.lastIndexOf(":");
    const place = origin.slice(kind.length + 1, colon);
    lines.set(place, [...(lines.get(place) ?? []), origin.slice(colon + 1)]);
  }
  return [...lines].map(([place, numbers]) => `${place}:${numbers.join(", ")}`).join("; ");
}

/** `10.0.0.1` and `9080`; a pipe's path and nothing. */
export function addressParts(address: Address | undefined): readonly [address: string, port: string] {
  switch (address?.address.case) {
    case "socketAddress": {
      const { address: host, portSpecifier } = address.address.value;
      return [host, portSpecifier.case === undefined ? "" : String(portSpecifier.value)];
    }
    case "pipe":
      return [`unix:${address.address.value.path}`, ""];
    case "envoyInternalAddress": {
      const { addressNameSpecifier } = address.address.value;
      return [`internal:${addressNameSpecifier.value ?? ""}`, ""];
    }
    case undefined:
      return ["", ""];
  }
}

/** `a, b + 3 more`. */
export function firstTwo(texts: readonly string[]): string {
  const rest = texts.length - 2;
  return `${texts.slice(0, 2).join(", ")}${rest > 0 ? ` + ${rest} more` : ""}`;
}
