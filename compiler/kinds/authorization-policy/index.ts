// AuthorizationPolicy: who may do what with a workload. Becomes RBAC filters on what it receives.

import { AuthorizationPolicy } from "@kubernetes-models/istio/security.istio.io/v1/AuthorizationPolicy";
import type { FilterPolicy, Kind } from "../kind.ts";
import { upstreamSchema } from "../shared/upstream-schema.ts";
import { contributeAuthorization } from "./contribute.ts";
import { decodeAuthorizationPolicy } from "./decode.ts";
import { fields } from "./fields.ts";
import { policyName, resolveAuthorization } from "./resolve.ts";

export const authorizationPolicy: Kind = {
  group: "security.istio.io",
  versions: ["v1", "v1beta1"],
  kind: "AuthorizationPolicy",
  clusterScoped: false,
  fields,
  schema: upstreamSchema(AuthorizationPolicy),
  decode: decodeAuthorizationPolicy,
};

export const authorizationFilters: FilterPolicy = {
  policy: policyName,
  resolve: resolveAuthorization,
  contribute: contributeAuthorization,
};
