// Forwards a request: clusters, timeouts, retries, rewrites, mirrors and hashing of one route as Envoy's RouteAction.

import { create } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import {
  type WeightedCluster_ClusterWeight as ClusterWeight,
  type RouteAction,
  RouteAction_RequestMirrorPolicySchema,
  RouteActionSchema,
  WeightedCluster_ClusterWeightSchema,
  WeightedClusterSchema,
} from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import type { ClusterTarget, RouteActionPlan, RoutePlan } from "../../4-view/plan/routes.ts";
import { durationOf } from "../duration.ts";
import type { FilterName } from "../filter-order.ts";
import { runtimeFraction } from "../percentage.ts";
import { hashPolicy } from "./hash-policy.ts";
import { headerOperations, hostOf } from "./header-operations.ts";
import { pathRewrite } from "./path-rewrite.ts";
import { retryPolicy } from "./retry-policy.ts";
import { upstreamAlpn } from "./upstream-alpn.ts";

export type ForwardPlan = Extract<RouteActionPlan, { type: "forward" }>;

/**
 * The only destination, if it is one: its settings then belong to the route itself. One among others without weight is not,
 * or what its headers mean would change with the weights.
 */
export function onlyTarget(forward: ForwardPlan): ClusterTarget | undefined {
  const [first, ...others] = forward.clusters;
  return others.length === 0 ? first : undefined;
}

/** The host of the request upstream: what the rule says goes before what a destination says, at either level. */
export function forwardAction(forward: ForwardPlan, route: RoutePlan): RouteAction {
  const target = onlyTarget(forward);
  const host =
    route.rewrite?.authority ??
    hostOf(route.headers) ??
    (target === undefined ? undefined : hostOf(target.headers));
  const retries = retryPolicy(route.retries, forward.hash.length > 0);
  return create(RouteActionSchema, {
    clusterSpecifier:
      target === undefined ? weightedClusters(forward) : { case: "cluster", value: target.cluster },
    ...(route.rewrite !== undefined && pathRewrite(route.rewrite, route.match)),
    ...(host !== undefined && {
      hostRewriteSpecifier: { case: "hostRewriteLiteral", value: host } as const,
    }),
    ...timeouts(route.timeoutMs ?? 0),
    ...(retries !== undefined && { retryPolicy: retries }),
    requestMirrorPolicies: forward.mirrors
      .filter((mirror) => mirror.percentage > 0)
      .map((mirror) =>
        create(RouteAction_RequestMirrorPolicySchema, {
          cluster: mirror.cluster,
          runtimeFraction: runtimeFraction(mirror.percentage),
          // A copy is not part of the caller's trace.
          traceSampled: false,
          // Who gets it serves the name that was asked for.
          disableShadowHostSuffixAppend: true,
        }),
      ),
    hashPolicy: forward.hash.map(hashPolicy),
  });
}

function weightedClusters(forward: ForwardPlan): RouteAction["clusterSpecifier"] {
  return {
    case: "weightedClusters",
    value: create(WeightedClusterSchema, {
      clusters: forward.clusters.filter(({ weight }) => weight > 0).map(clusterWeight),
    }),
  };
}

const alpnOfRequest: Partial<Record<FilterName, Any>> = {
  "envoy.filters.http.set_filter_state": upstreamAlpn,
};

function clusterWeight(target: ClusterTarget): ClusterWeight {
  const host = hostOf(target.headers);
  return create(WeightedCluster_ClusterWeightSchema, {
    name: target.cluster,
    weight: target.weight,
    ...headerOperations(target.headers),
    ...(target.alpnFromRequest === true && { typedPerFilterConfig: alpnOfRequest }),
    ...(host !== undefined && {
      hostRewriteSpecifier: { case: "hostRewriteLiteral", value: host } as const,
    }),
  });
}

/**
 * Envoy's own default is 15 s, so 0 is written out. Nothing is said of gRPC's `grpc-timeout`, which both ends of a call
 * keep by themselves: `max_grpc_timeout` is deprecated, and with what replaces it (`max_stream_duration`) Envoy would not
 * look at `timeout` at all.
 */
function timeouts(timeoutMs: number) {
  return { timeout: durationOf(timeoutMs) };
}
