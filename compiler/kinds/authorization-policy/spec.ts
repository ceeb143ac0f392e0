// What an authorization policy says, once decoded: which requests it is about, and what becomes of them. Envoy is not
// known here.

export type AuthorizationAction = "allow" | "deny" | "audit" | "custom";

export interface AuthorizationSpec {
  readonly action: AuthorizationAction;
  /** Only for `custom`. */
  readonly provider?: string;
  /** Counted and logged by Envoy, but not enforced (`istio.io/dry-run`). */
  readonly dryRun: boolean;
  readonly rules: readonly AccessRule[];
}

/**
 * Matches a request when one of `sources` and one of `operations` do; each is a list of tests that must all hold. Neither
 * list is empty: "any source" is one empty list of tests.
 */
export interface AccessRule {
  readonly sources: readonly (readonly Test<SourceAttribute>[])[];
  readonly operations: readonly (readonly Test<OperationAttribute>[])[];
}

/**
 * One of `values` holds (unless there are none) and none of `notValues` does. A value is exact, `prefix*`, `*suffix`, or
 * `*` for "present", where its attribute has text; addresses are IPs or CIDRs.
 */
export interface Test<A extends Attribute = Attribute> {
  readonly attribute: A;
  readonly values: readonly string[];
  readonly notValues: readonly string[];
}

/** Who sends the request. Service accounts are `namespace/name`. */
export type SourceAttribute =
  | {
      readonly type:
        | "principal"
        | "service-account"
        | "namespace"
        | "trust-domain"
        | "source-ip"
        | "remote-ip";
    }
  | { readonly type: "request-principal" | "audience" | "presenter" }
  | { readonly type: "claim"; readonly path: readonly string[] }
  | { readonly type: "header"; readonly name: string; readonly inline: boolean };

/** What the request asks for. `metadata` is what an earlier filter wrote down about it. */
export type OperationAttribute =
  | { readonly type: "host" | "method" | "path" }
  | { readonly type: "destination-ip" | "destination-port" | "sni" }
  | { readonly type: "metadata"; readonly filter: string; readonly key: string };

export type Attribute = SourceAttribute | OperationAttribute;

/** Whether the attribute exists only once a request was parsed, so that a plain TCP connection never has it. */
export function needsHttp(attribute: Attribute): boolean {
  switch (attribute.type) {
    case "request-principal":
    case "audience":
    case "presenter":
    case "claim":
    case "header":
    case "host":
    case "method":
    case "path":
      return true;
    case "principal":
    case "service-account":
    case "namespace":
    case "trust-domain":
    case "source-ip":
    case "remote-ip":
    case "destination-ip":
    case "destination-port":
    case "sni":
    case "metadata":
      return false;
  }
}
