// Forwards a request: clusters, timeouts, retries, rewrites, mirrors and hashing of one route as Envoy's RouteAction.

import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  type WeightedCluster_ClusterWeight as ClusterWeight,
  type RouteAction,
  RouteAction_RequestMirrorPolicySchema,
  RouteActionSchema,
  WeightedCluster_ClusterWeightSchema,
  WeightedClusterSchema,
} from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import type { ClusterTarget, RouteActionPlan, RoutePlan } from "../../4-view/plan/routes.ts";
import { runtimeFraction } from "../percentage.ts";
import { hashPolicy } from "./hash-policy.ts";
import { headerOperations, hostOf } from "./header-operations.ts";
import { pathRewrite } from "./path-rewrite.ts";
import { retryPolicy } from "./retry-policy.ts";

export type ForwardPlan = Extract<RouteActionPlan, { type: "forward" }>;

/** The only destination that gets requests, if it is one: its settings then belong to the route itself. */
export function onlyTarget(forward: ForwardPlan): ClusterTarget | undefined {
  const [first, ...others] = withWeight(forward);
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
        }),
      ),
    hashPolicy: forward.hash.map(hashPolicy),
  });
}

/** Envoy refuses a weighted cluster whose weights add up to nothing, so targets without weight are left out. */
function withWeight(forward: ForwardPlan): readonly ClusterTarget[] {
  return forward.clusters.length === 1
    ? forward.clusters
    : forward.clusters.filter((target) => target.weight > 0);
}

function weightedClusters(forward: ForwardPlan): RouteAction["clusterSpecifier"] {
  return {
    case: "weightedClusters",
    value: create(WeightedClusterSchema, { clusters: withWeight(forward).map(clusterWeight) }),
  };
}

function clusterWeight(target: ClusterTarget): ClusterWeight {
  const host = hostOf(target.headers);
  return create(WeightedCluster_ClusterWeightSchema, {
    name: target.cluster,
    weight: target.weight,
    ...headerOperations(target.headers),
    ...(host !== undefined && {
      hostRewriteSpecifier: { case: "hostRewriteLiteral", value: host } as const,
    }),
  });
}

/**
 * Envoy's own default is 15 s, so 0 is written out. A gRPC client's `grpc-timeout` is honoured up to the same limit,
 * without a limit when there is none. The field that replaces `max_grpc_timeout` (`max_stream_duration`) would make
 * Envoy ignore `timeout` altogether.
 */
function timeouts(timeoutMs: number) {
  return { timeout: durationFromMs(timeoutMs), maxGrpcTimeout: durationFromMs(timeoutMs) };
}
