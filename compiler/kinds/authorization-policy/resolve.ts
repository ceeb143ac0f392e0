// Which authorization policies a workload is under. In: every policy of the mesh and one workload. Out: its own, by what
// they do. How they become filters is not known here.

import type { EffectivePolicy } from "../../4-view/plan/index.ts";
import type { FilterPolicyFact } from "../../model/fact.ts";
import { selects } from "../../model/labels.ts";
import type { PolicyTarget } from "../kind.ts";
import type { AuthorizationAction, AuthorizationSpec } from "./spec.ts";

/** The `policy` of this kind's facts. */
export const policyName = "authorization";

/** What holds for one workload. Lists are in the order of `all`; an empty one has no effect. */
export interface EffectiveAuthorization {
  /** The mesh's own, then its aliases. */
  readonly trustDomains: readonly string[];
  readonly policies: Readonly<Record<AuthorizationAction, readonly AppliedPolicy[]>>;
}

export interface AppliedPolicy {
  readonly name: string;
  readonly namespace: string;
  readonly spec: AuthorizationSpec;
}

/** Those of the root namespace and of the workload's own whose selector takes its labels. Undefined: none. */
export function resolveAuthorization(
  all: readonly FilterPolicyFact[],
  target: PolicyTarget,
): EffectivePolicy | undefined {
  const applied = all.filter(
    (fact) =>
      (fact.namespace === target.rootNamespace || fact.namespace === target.namespace) &&
      selects(fact.selector ?? {}, target.labels),
  );
  if (applied.length === 0) return undefined;
  const effective: EffectiveAuthorization = {
    trustDomains: [...new Set([target.trustDomain, ...target.trustDomainAliases])],
    policies: {
      allow: withAction(applied, "allow"),
      deny: withAction(applied, "deny"),
      audit: withAction(applied, "audit"),
      custom: withAction(applied, "custom"),
    },
  };
  return { policy: policyName, effective, origins: applied.map(({ origin }) => origin) };
}

function withAction(facts: readonly FilterPolicyFact[], action: AuthorizationAction): AppliedPolicy[] {
  return facts
    .map(({ name, namespace, spec }) => ({ name, namespace, spec: specOf(spec) }))
    .filter(({ spec }) => spec.action === action);
}

/** Facts with our policy name carry what our own decoding made. */
function specOf(spec: unknown): AuthorizationSpec {
  return spec as AuthorizationSpec;
}
