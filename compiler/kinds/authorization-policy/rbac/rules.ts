// Rules of policies as Envoy RBAC policies. In: the policies that apply, and whether the chain speaks HTTP. Out: one RBAC
// message. Which filter carries it is not known here.

import { create } from "@bufbuild/protobuf";
import {
  type Permission,
  PermissionSchema,
  type Policy,
  PolicySchema,
  type Principal,
  PrincipalSchema,
  type RBAC,
  RBAC_Action,
  RBACSchema,
} from "@envoyproxy/protos-ts/envoy/config/rbac/v3/rbac";
import type { AppliedPolicy } from "../resolve.ts";
import {
  type AccessRule,
  type Attribute,
  type AuthorizationAction,
  needsHttp,
  type OperationAttribute,
  type SourceAttribute,
  type Test,
} from "../spec.ts";
import { allOperations } from "./permissions.ts";
import { allSources } from "./principals.ts";

/** What the filters of one action know: a chain's protocol and the mesh's trust domains. */
export interface RuleContext {
  readonly action: AuthorizationAction;
  readonly protocol: "http" | "tcp";
  readonly trustDomains: readonly string[];
}

/** Custom authorizers are not called yet: what they would be asked about is denied, as without a provider in Istio. */
const actions: Readonly<Record<AuthorizationAction, RBAC_Action>> = {
  allow: RBAC_Action.ALLOW,
  deny: RBAC_Action.DENY,
  custom: RBAC_Action.DENY,
  audit: RBAC_Action.LOG,
};

/** Undefined when there are no policies, since an ALLOW filter without rules would deny everything. */
export function rbacRules(policies: readonly AppliedPolicy[], context: RuleContext): RBAC | undefined {
  if (policies.length === 0) return undefined;
  const rules = policies.flatMap((policy) => namedRules(policy, context));
  rules.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return create(RBACSchema, { action: actions[context.action], policies: Object.fromEntries(rules) });
}

function namedRules(policy: AppliedPolicy, context: RuleContext): [string, Policy][] {
  const { rules } = policy.spec;
  if (rules.length === 0) return [[ruleName(policy, 0), matchesNothing()]];
  return rules.flatMap((rule, index): [string, Policy][] => {
    const translated = translateRule(rule, context);
    return translated === undefined ? [] : [[ruleName(policy, index), translated]];
  });
}

/** Istio's names, which its users look for in RBAC logs and metrics. */
function ruleName({ name, namespace, spec }: AppliedPolicy, index: number): string {
  const base = `ns[${namespace}]-policy[${name}]-rule[${index}]`;
  if (spec.action !== "custom") return base;
  const provider = spec.provider === undefined ? "" : `${spec.provider}-`;
  return `istio-ext-authz-${provider}${base}-deny-due-to-bad-CUSTOM-action`;
}

/**
 * On plain TCP an ALLOW rule that asks for anything of HTTP allows nothing, and the other actions drop what they ask of
 * HTTP: either way the doubt goes against the connection.
 */
function translateRule(rule: AccessRule, context: RuleContext): Policy | undefined {
  const { action, protocol, trustDomains } = context;
  const tests: readonly Test[] = [...rule.sources, ...rule.operations].flat();
  if (protocol === "tcp" && action === "allow" && tests.some(({ attribute }) => needsHttp(attribute))) {
    return undefined;
  }
  return create(PolicySchema, {
    permissions: rule.operations.map((list) => allOperations(testable<OperationAttribute>(list, protocol))),
    principals: rule.sources.map((list) =>
      allSources(testable<SourceAttribute>(list, protocol), trustDomains),
    ),
  });
}

function testable<A extends Attribute>(
  tests: readonly Test<A>[],
  protocol: "http" | "tcp",
): readonly Test<A>[] {
  return protocol === "http" ? tests : tests.filter(({ attribute }) => !needsHttp(attribute));
}

/** Stands in the list for a policy without rules, so that its name is seen. */
function matchesNothing(): Policy {
  const permission: Permission = create(PermissionSchema, { rule: { case: "any", value: true } });
  const principal: Principal = create(PrincipalSchema, { identifier: { case: "any", value: true } });
  return create(PolicySchema, {
    permissions: [{ rule: { case: "notRule", value: permission } }],
    principals: [{ identifier: { case: "notId", value: principal } }],
  });
}
