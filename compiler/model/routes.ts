// Routing policy in our own terms. Two front ends parse into this; emission never knows which one a rule came from.

import type { Visibility } from "./labels.ts";
import type { HttpMatch, L4Match, StringMatch } from "./match.ts";
import type { Origin } from "./origin.ts";

/** Routes for some hosts, bound to some gateways. Durations everywhere are in milliseconds. */
export interface RouteSet {
  readonly name: string;
  readonly namespace: string;
  /** Fully qualified or wildcard (`*`, `*.example.com`), lower case. Empty: a delegate, reached only through another set. */
  readonly hosts: readonly string[];
  /** `mesh` (every sidecar) or `namespace/name`. */
  readonly gateways: readonly string[];
  readonly visibility: Visibility;
  readonly http: readonly HttpRule[];
  readonly tls: readonly L4Rule[];
  readonly tcp: readonly L4Rule[];
  readonly created?: string;
  readonly origin: Origin;
}

/** The first rule one of whose matches holds decides; no matches means every request. */
export interface HttpRule {
  readonly name?: string;
  readonly matches: readonly HttpMatch[];
  readonly action: HttpAction;
  readonly rewrite?: Rewrite;
  /** 0 disables; absent: no timeout (Istio's default). */
  readonly timeoutMs?: number;
  /** Absent: the mesh's default policy. */
  readonly retries?: Retries;
  readonly fault?: Fault;
  readonly mirrors: readonly Mirror[];
  /** One more, whose percentage stands beside it (default 100), so that a delegate may have the one from its root. */
  readonly mirror?: Destination;
  readonly mirrorPercentage?: number;
  readonly cors?: Cors;
  readonly headers: HeaderOperations;
  readonly origin: Origin;
}

export type HttpAction =
  | { readonly type: "forward"; readonly destinations: readonly WeightedDestination[] }
  | Redirect
  | DirectResponse
  /** Continue with the rules of another route set; stage 3 replaces it by them. */
  | { readonly type: "delegate"; readonly namespace: string; readonly name: string };

export interface Destination {
  /** Fully qualified. */
  readonly host: string;
  readonly subset?: string;
  /** Absent: the only port of the service, or the port of the listener. */
  readonly port?: number;
  readonly origin: Origin;
}

export interface WeightedDestination {
  readonly destination: Destination;
  /** As written; a single destination without weight has 100. */
  readonly weight: number;
  readonly headers: HeaderOperations;
}

export interface HeaderPair {
  readonly name: string;
  readonly value: string;
}

export interface HeaderChange {
  readonly set: readonly HeaderPair[];
  readonly add: readonly HeaderPair[];
  readonly remove: readonly string[];
}

export interface HeaderOperations {
  readonly request: HeaderChange;
  readonly response: HeaderChange;
}

export interface Redirect {
  readonly type: "redirect";
  readonly uri?: string;
  readonly prefixRewrite?: string;
  readonly authority?: string;
  /** `request-port`: the port the client used; `protocol-default`: 80 or 443. */
  readonly port?: number | "request-port" | "protocol-default";
  readonly scheme?: string;
  readonly code: 301 | 302 | 303 | 307 | 308;
}

export interface DirectResponse {
  readonly type: "direct-response";
  readonly status: number;
  readonly body?:
    | { readonly type: "string"; readonly value: string }
    | { readonly type: "bytes"; readonly base64: string };
}

export interface Rewrite {
  /** Replaces what a prefix match matched, or the whole path of an exact match. */
  readonly uri?: string;
  readonly uriRegex?: { readonly pattern: string; readonly substitution: string };
  readonly authority?: string;
}

export interface Retries {
  /** 0 disables retries. */
  readonly attempts: number;
  readonly perTryTimeoutMs?: number;
  /** Envoy's retry_on tokens, comma-separated, as written; numeric status codes may be among them. Empty: the default set. */
  readonly retryOn: string;
  readonly retryRemoteLocalities?: boolean;
  readonly retryIgnorePreviousHosts?: boolean;
  readonly backoffMs?: number;
}

/** Percentages are 0–100 with decimals. */
export interface Fault {
  readonly delay?: { readonly percentage: number; readonly fixedMs: number };
  readonly abort?: {
    readonly percentage: number;
    readonly status:
      | { readonly type: "http"; readonly code: number }
      | { readonly type: "grpc"; readonly code: number };
  };
}

export interface Mirror {
  readonly destination: Destination;
  readonly percentage: number;
}

export interface Cors {
  readonly allowOrigins: readonly StringMatch[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAgeMs?: number;
  readonly allowCredentials?: boolean;
  /** Whether a preflight whose origin does not match goes on to the upstream; Istio's default is `forward`. */
  readonly unmatchedPreflights: "forward" | "ignore";
}

export interface L4Rule {
  readonly matches: readonly L4Match[];
  readonly destinations: readonly WeightedDestination[];
  readonly origin: Origin;
}
