// Which endpoint gets the next request: a plan's load balancer as one of Envoy's load-balancing policy extensions.

import { create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  type LoadBalancingPolicy,
  LoadBalancingPolicySchema,
} from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import type { LocalityLbConfigSchema } from "@envoyproxy/protos-ts/envoy/extensions/load_balancing_policies/common/v3/common";
import { LeastRequestSchema } from "@envoyproxy/protos-ts/envoy/extensions/load_balancing_policies/least_request/v3/least_request";
import { MaglevSchema } from "@envoyproxy/protos-ts/envoy/extensions/load_balancing_policies/maglev/v3/maglev";
import { RandomSchema } from "@envoyproxy/protos-ts/envoy/extensions/load_balancing_policies/random/v3/random";
import { RingHashSchema } from "@envoyproxy/protos-ts/envoy/extensions/load_balancing_policies/ring_hash/v3/ring_hash";
import { RoundRobinSchema } from "@envoyproxy/protos-ts/envoy/extensions/load_balancing_policies/round_robin/v3/round_robin";
import { share } from "#encoding";
import type { ClusterPlan, HashTable } from "../../4-view/plan/index.ts";
import type { LoadBalancer } from "../../model/destination.ts";
import { memoizeByIdentity } from "../../model/memo.ts";
import { packAny } from "../envoy-any.ts";

/** Least request unless the plan says otherwise. Not for clusters that bring their own policy (ORIGINAL_DST). */
export function loadBalancingPolicy(plan: ClusterPlan): LoadBalancingPolicy {
  return policyOf(plan.loadBalancer, weighsLocalities(plan));
}

/** The same for all clusters under the same policy. */
const policyOf = memoizeByIdentity((balancer: LoadBalancer | undefined, weighted: boolean) => {
  const locality = weighted ? localityWeighted : undefined;
  const algorithm = balancer?.algorithm ?? { type: "least-request" };
  switch (algorithm.type) {
    case "least-request":
      return policy(
        "envoy.load_balancing_policies.least_request",
        LeastRequestSchema,
        create(LeastRequestSchema, {
          ...slowStart(balancer),
          ...(locality && { localityLbConfig: locality }),
        }),
      );
    case "round-robin":
    case "passthrough":
      return policy(
        "envoy.load_balancing_policies.round_robin",
        RoundRobinSchema,
        create(RoundRobinSchema, {
          ...slowStart(balancer),
          ...(locality && { localityLbConfig: locality }),
        }),
      );
    case "random":
      return policy(
        "envoy.load_balancing_policies.random",
        RandomSchema,
        create(RandomSchema, { ...(locality && { localityLbConfig: locality }) }),
      );
    case "consistent-hash":
      return hashPolicy(algorithm.table, weighted);
  }
});

const localityWeighted: MessageInitShape<typeof LocalityLbConfigSchema> = {
  localityConfigSpecifier: { case: "localityWeightedLbConfig", value: {} },
};

/**
 * Istio's condition for locality weights to count: an explicit distribution, or failover between localities, which
 * takes outlier detection to ever happen. Otherwise they would bend the endpoint weights.
 */
function weighsLocalities(plan: ClusterPlan): boolean {
  const setting = plan.loadBalancer?.localityLb;
  if (!setting?.enabled) return false;
  if (setting.distribute.length > 0) return true;
  const failsOver = setting.failover.length > 0 || setting.failoverPriority.length > 0;
  return failsOver && plan.outlierDetection !== undefined;
}

function hashPolicy(table: HashTable, weighted: boolean): LoadBalancingPolicy {
  const locality = weighted ? { localityWeightedLbConfig: {} } : {};
  switch (table.type) {
    case "ring":
      return policy(
        "envoy.load_balancing_policies.ring_hash",
        RingHashSchema,
        create(RingHashSchema, { minimumRingSize: BigInt(table.minimumSize), ...locality }),
      );
    case "maglev":
      return policy(
        "envoy.load_balancing_policies.maglev",
        MaglevSchema,
        create(MaglevSchema, {
          ...(table.size === undefined ? {} : { tableSize: BigInt(table.size) }),
          ...locality,
        }),
      );
  }
}

function slowStart(balancer: LoadBalancer | undefined) {
  const warmup = balancer?.warmup;
  if (warmup === undefined) return {};
  const { durationMs, aggression, minimumPercent } = warmup;
  return {
    slowStartConfig: {
      slowStartWindow: durationFromMs(durationMs),
      ...(aggression === undefined
        ? {}
        : { aggression: { defaultValue: aggression, runtimeKey: aggressionRuntimeKey } }),
      ...(minimumPercent === undefined ? {} : { minWeightPercent: { value: minimumPercent } }),
    },
  };
}

/** Envoy demands a key; nothing sets it, so the default value holds. */
const aggressionRuntimeKey = "fairlead.slow_start.aggression";

function policy<Desc extends DescMessage>(
  name: string,
  schema: Desc,
  config: MessageShape<Desc>,
): LoadBalancingPolicy {
  const typedConfig = packAny(schema, config);
  return share(
    create(LoadBalancingPolicySchema, { policies: [{ typedExtensionConfig: { name, typedConfig } }] }),
  );
}
