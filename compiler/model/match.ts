// How policy matches strings, headers and requests, in our own terms: closed unions that each front end parses into.

import type { Labels } from "./labels.ts";
import type { Origin } from "./origin.ts";

/** One string test. `regex` is RE2 and must match the whole value; `present` asks only that the value exists. */
export type StringMatch =
  | { readonly type: "exact"; readonly value: string }
  | { readonly type: "prefix"; readonly value: string }
  | { readonly type: "suffix"; readonly value: string }
  | { readonly type: "regex"; readonly value: string }
  | { readonly type: "present" };

export interface NamedMatch {
  readonly name: string;
  readonly match: StringMatch;
}

/** `invert` holds for `withoutHeaders`: the request matches when the header test fails. */
export interface HeaderMatch extends NamedMatch {
  readonly invert: boolean;
}

/** How a request path is matched. `path-prefix` works on whole segments (Gateway API), `prefix` on characters (Istio). */
export type PathMatch =
  | { readonly type: "exact"; readonly value: string }
  | { readonly type: "prefix"; readonly value: string }
  | { readonly type: "path-prefix"; readonly value: string }
  | { readonly type: "regex"; readonly value: string };

/** One alternative of an HTTP rule: all of its conditions must hold. Absent conditions match anything. */
export interface HttpMatch {
  readonly name?: string;
  readonly path?: PathMatch;
  readonly ignoreCase: boolean;
  readonly scheme?: StringMatch;
  readonly method?: StringMatch;
  readonly authority?: StringMatch;
  readonly headers: readonly HeaderMatch[];
  readonly query: readonly NamedMatch[];
  readonly statPrefix?: string;
  /** The rest is decided at compile time: it selects listeners and client proxies, not requests. */
  readonly port?: number;
  readonly sourceLabels: Labels;
  readonly sourceNamespace?: string;
  /** `mesh` or `namespace/name`; absent means the gateways of the whole route set. */
  readonly gateways?: readonly string[];
  readonly origin: Origin;
}

/** One alternative of a TLS (SNI) or TCP rule. */
export interface L4Match {
  /** TLS only: SNI values, wildcards allowed; empty for TCP. */
  readonly sniHosts: readonly string[];
  /** CIDRs or single addresses. */
  readonly destinationSubnets: readonly string[];
  readonly sourceSubnet?: string;
  readonly port?: number;
  readonly sourceLabels: Labels;
  readonly sourceNamespace?: string;
  readonly gateways?: readonly string[];
  readonly origin: Origin;
}
