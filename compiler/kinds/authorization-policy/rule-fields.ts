// The fields of a source and of an operation, and the attributes that they ask about.

import type { OperationAttribute, SourceAttribute } from "./spec.ts";

export interface RuleField<A> {
  readonly field: string;
  readonly attribute: A;
}

/** In the order in which Istio writes them for Envoy. */
export const sourceFields: readonly RuleField<SourceAttribute>[] = [
  { field: "principals", attribute: { type: "principal" } },
  { field: "requestPrincipals", attribute: { type: "request-principal" } },
  { field: "serviceAccounts", attribute: { type: "service-account" } },
  { field: "namespaces", attribute: { type: "namespace" } },
  { field: "trustDomains", attribute: { type: "trust-domain" } },
  { field: "remoteIpBlocks", attribute: { type: "remote-ip" } },
  { field: "ipBlocks", attribute: { type: "source-ip" } },
];

export const operationFields: readonly RuleField<OperationAttribute>[] = [
  { field: "hosts", attribute: { type: "host" } },
  { field: "methods", attribute: { type: "method" } },
  { field: "paths", attribute: { type: "path" } },
  { field: "ports", attribute: { type: "destination-port" } },
];

/** `principals` → `notPrincipals`. */
export function negationOf(field: string): string {
  return `not${field.charAt(0).toUpperCase()}${field.slice(1)}`;
}
