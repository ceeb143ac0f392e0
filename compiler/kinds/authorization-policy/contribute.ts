// Authorization as filters. In: what holds for a workload, and one of its chains. Out: the RBAC filters of that chain,
// in the order in which they decide. What else is in the chain is not known here.

import { create } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { RBACSchema as HttpRbacSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/http/rbac/v3/rbac";
import { RBACSchema as NetworkRbacSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/network/rbac/v3/rbac";
import type { EffectivePolicy } from "../../4-view/plan/index.ts";
import { packAny } from "../../5-emit/envoy-any.ts";
import type { Contribution, Site } from "../kind.ts";
import { rbacRules } from "./rbac/rules.ts";
import type { EffectiveAuthorization } from "./resolve.ts";
import type { AuthorizationAction } from "./spec.ts";

const httpFilter = "envoy.filters.http.rbac";
const networkFilter = "envoy.filters.network.rbac";

/** A denial by any filter ends the request, so that ALLOW is asked only about what no other action denied. */
const decisionOrder: readonly AuthorizationAction[] = ["custom", "audit", "deny", "allow"];

/** Istio's names for the results of dry-run policies in metrics and dynamic metadata. */
const dryRunPrefix: Readonly<Record<AuthorizationAction, string>> = {
  allow: "istio_dry_run_allow_",
  deny: "istio_dry_run_deny_",
  custom: "",
  audit: "",
};

const nothing: Contribution = { httpFilters: [], networkFilters: [] };

/** A workload's chains are many and have the same policies: each protocol's filters are made once. */
const made = new WeakMap<object, Map<Site["protocol"], Contribution>>();

/** Policies guard what a workload or gateway receives; what it sends is guarded by the other side. */
export function contributeAuthorization(policy: EffectivePolicy, site: Site): Contribution {
  if (site.direction === "outbound") return nothing;
  // Effective policies with our name carry what our own resolving made.
  const effective = policy.effective as EffectiveAuthorization;
  const byProtocol = made.getOrInsertComputed(effective, () => new Map());
  return byProtocol.getOrInsertComputed(site.protocol, () => build(effective, site.protocol));
}

function build(effective: EffectiveAuthorization, protocol: Site["protocol"]): Contribution {
  const configs = decisionOrder.flatMap((action) => filterConfig(effective, action, protocol));
  return protocol === "http"
    ? {
        httpFilters: configs.map((config) => ({ filter: httpFilter, name: httpFilter, config })),
        networkFilters: [],
      }
    : {
        httpFilters: [],
        networkFilters: configs.map((config) => ({ filter: networkFilter, name: networkFilter, config })),
      };
}

/** None, or the one filter of an action. */
function filterConfig(
  { policies, trustDomains }: EffectiveAuthorization,
  action: AuthorizationAction,
  protocol: Site["protocol"],
): readonly Any[] {
  const context = { action, protocol, trustDomains };
  const rules = rbacRules(
    policies[action].filter(({ spec }) => !spec.dryRun),
    context,
  );
  const shadowRules = rbacRules(
    policies[action].filter(({ spec }) => spec.dryRun),
    context,
  );
  if (rules === undefined && shadowRules === undefined) return [];
  const config = {
    ...(rules === undefined ? {} : { rules }),
    ...(shadowRules === undefined ? {} : { shadowRules, shadowRulesStatPrefix: dryRunPrefix[action] }),
  };
  return protocol === "http"
    ? [packAny(HttpRbacSchema, create(HttpRbacSchema, config))]
    : [packAny(NetworkRbacSchema, create(NetworkRbacSchema, { ...config, statPrefix: "tcp." }))];
}
