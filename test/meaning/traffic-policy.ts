// How the policy of a client for one port of a service, or of a subset, is put together from DestinationRules and the mesh's defaults, as
// Istio's reference says it, and istiod where that is silent. In: rules, defaults, who calls what. Out: one policy without levels.

import { isDeepStrictEqual } from "node:util";
import { rulesFor } from "./lookup.ts";
import type { Keepalive, Policy, Rule, Sections, TrafficPolicy } from "./traffic-rule.ts";

export interface World {
  /** Oldest first. */
  readonly rules: readonly Rule[];
  readonly defaults: {
    readonly h2UpgradePolicy?: "DO_NOT_UPGRADE" | "UPGRADE";
    readonly tcpKeepalive?: Keepalive;
    readonly defaultTrafficPolicy?: Pick<Sections, "connectionPool" | "outlierDetection">;
  };
}

export interface Destination {
  readonly client: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> };
  readonly service: { readonly host: string; readonly namespace: string };
  readonly port: number;
  readonly subset: string | undefined;
}

export interface Effective extends Policy {
  readonly isForSomeClients: boolean;
}

/** Undefined: there is no such subset. */
export function policyFor({ rules, defaults }: World, to: Destination): Effective | undefined {
  const rule = ruleFor(rules, to);
  const wide = partsOf(rule?.trafficPolicy, to.port);
  const subset = rule?.subsets.find(({ name }) => name === to.subset);
  if (to.subset !== undefined && !subset) return undefined;
  const own = partsOf(subset?.trafficPolicy, to.port);
  // "Settings specified at the subset level will override the corresponding settings specified at the DestinationRule level." Those of a
  // port stand alone again, but for what a port has not of its own: that is the destination's (istiod, `mergeTrafficPolicy`).
  const { proxyProtocol, retryBudget } = wide.policy;
  const kept = { ...(proxyProtocol && { proxyProtocol }), ...(retryBudget && { retryBudget }) };
  return {
    // "merge is per block" (istio/api#3720), and they are what "default values" are from then on.
    ...defaults.defaultTrafficPolicy,
    ...(own.isOfPort ? kept : wide.policy),
    ...own.policy,
    isForSomeClients: rule?.workloadSelector !== undefined,
  };
}

/** "Traffic settings specified at the destination-level will not be inherited when overridden by port-level settings". */
function partsOf(policy: TrafficPolicy = {}, port: number): { isOfPort: boolean; policy: Policy } {
  const { portLevelSettings = [], ...wide } = policy;
  const found = portLevelSettings.find(({ port: { number } }) => number === port);
  if (!found) return { isOfPort: false, policy: wide };
  const { port: _, ...own } = found;
  return { isOfPort: true, policy: own };
}

function ruleFor(rules: readonly Rule[], { client, service }: Destination): Rule | undefined {
  const usable = rules
    .map((rule) => ({
      ...rule,
      host: rule.host.includes(".") ? rule.host : inFull(rule),
      exportTo: [rule.workloadSelector ? "." : "*"],
    }))
    // "Workload selectors do not apply across namespace boundaries."
    .filter(
      ({ namespace, workloadSelector }) =>
        !workloadSelector ||
        (namespace === client.namespace &&
          Object.entries(workloadSelector.matchLabels).every(([key, value]) => client.labels[key] === value)),
    );
  return merge(rulesFor(usable, service, client.namespace));
}

/** "Istio will interpret the short name based on the namespace of the rule". */
function inFull({ host, namespace }: Rule): string {
  return `${host}.${namespace}.svc.cluster.local`;
}

/**
 * The first policy and the first subset of a name count. Those for some clients go before those for all and stand alone, and of several
 * selectors the first counts (istiod, `SidecarScope.DestinationRule`).
 */
function merge(rules: readonly Rule[]): Rule | undefined {
  const first = rules.find(({ workloadSelector }) => workloadSelector) ?? rules[0];
  const together = rules.filter((rule) => isDeepStrictEqual(rule.workloadSelector, first?.workloadSelector));
  const policy = together.find(({ trafficPolicy }) => trafficPolicy)?.trafficPolicy;
  const subsets = together.flatMap((rule) => rule.subsets);
  return first && { ...first, ...(policy && { trafficPolicy: policy }), subsets };
}
