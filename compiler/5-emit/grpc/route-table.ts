// RouteTablePlan → the RouteConfiguration that gRPC takes: clusters, weights, retries, deadlines, faults. Of a rule that means
// something gRPC has no word for, only what it can keep is written: see `docs/differences.md`.

import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { RouteConfigurationSchema } from "@envoyproxy/protos-ts/envoy/config/route/v3/route";
import {
  RouteAction_MaxStreamDurationSchema as MaxStreamDurationSchema,
  type RetryPolicy,
  RetryPolicySchema,
  type Route,
  type RouteAction,
  RouteActionSchema,
  RouteSchema,
  WeightedClusterSchema,
} from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import { HTTPFaultSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/http/fault/v3/fault";
import type { RoutePlan, RouteTablePlan } from "../../4-view/plan/index.ts";
import { memoizeByIdentity } from "../../model/memo.ts";
import { blackHoleCluster } from "../../model/names.ts";
import { packAny } from "../envoy-any.ts";
import type { FilterName } from "../filter-order.ts";
import { gatherOrigins } from "../gather-origins.ts";
import type { EmittedResource } from "../resource.ts";
import { httpFault } from "../routes/fault.ts";
import { hashPolicy } from "../routes/hash-policy.ts";
import { retryPolicy } from "../routes/retry-policy.ts";
import { grpcMatches } from "./route-match.ts";

/** One RouteConfiguration under the plan's name. */
export const emitGrpcTable = memoizeByIdentity((plan: RouteTablePlan): EmittedResource => {
  const message = create(RouteConfigurationSchema, {
    name: plan.name,
    virtualHosts: plan.virtualHosts.map(({ name, domains, routes }) => ({
      name,
      domains: [...domains],
      routes: routes.flatMap(grpcRoutes),
    })),
  });
  const { origins } = plan;
  return {
    typeUrl: `type.googleapis.com/${RouteConfigurationSchema.typeName}`,
    name: plan.name,
    schema: RouteConfigurationSchema,
    message,
    origins: gatherOrigins(
      origins,
      ...plan.virtualHosts.flatMap((host) => [host.origins, ...host.routes.map((route) => route.origins)]),
    ),
  };
});

function grpcRoutes(plan: RoutePlan): readonly Route[] {
  const value = action(plan);
  return grpcMatches(plan.match).map((match) =>
    create(RouteSchema, {
      name: plan.name ?? "",
      match,
      action: { case: "route", value },
      ...(plan.fault && {
        typedPerFilterConfig: { [faultFilter]: packAny(HTTPFaultSchema, httpFault(plan.fault)) },
      }),
    }),
  );
}

const faultFilter: FilterName = "envoy.filters.http.fault";

/** gRPC cannot redirect or answer by itself. Such a call fails: passing it on would be worse. */
function action(plan: RoutePlan): RouteAction {
  if (plan.action.type !== "forward") {
    return create(RouteActionSchema, { clusterSpecifier: { case: "cluster", value: blackHoleCluster } });
  }
  const { clusters, hash } = plan.action;
  const retries = retryPolicy(plan.retries, hash.length > 0);
  const { timeoutMs = 0 } = plan;
  return create(RouteActionSchema, {
    clusterSpecifier: clusterSpecifier(clusters),
    hashPolicy: hash.map(hashPolicy),
    ...(retries && { retryPolicy: understood(retries) }),
    // What Envoy calls `timeout` means nothing to gRPC, which takes its deadlines from here (gRFC A31).
    ...(timeoutMs > 0 && {
      maxStreamDuration: create(MaxStreamDurationSchema, { maxStreamDuration: durationFromMs(timeoutMs) }),
    }),
  });
}

type Clusters = Extract<RoutePlan["action"], { type: "forward" }>["clusters"];

function clusterSpecifier(clusters: Clusters): RouteAction["clusterSpecifier"] {
  const used = clusters.length === 1 ? clusters : clusters.filter(({ weight }) => weight > 0);
  const [first, second] = used;
  if (first && !second) return { case: "cluster", value: first.cluster };
  return {
    case: "weightedClusters",
    value: create(WeightedClusterSchema, {
      clusters: used.map(({ cluster, weight }) => ({ name: cluster, weight })),
    }),
  };
}

/** Without what only Envoy has: other endpoints for each try, a time limit for one. */
function understood({ retryOn, numRetries, retryBackOff }: RetryPolicy): RetryPolicy {
  return create(RetryPolicySchema, {
    retryOn,
    ...(numRetries !== undefined && { numRetries }),
    ...(retryBackOff && { retryBackOff }),
  });
}
