// A whole route table: the plan's virtual hosts as an Envoy RouteConfiguration. Names and order come from the plan.

import { create } from "@bufbuild/protobuf";
import {
  type RouteConfiguration,
  RouteConfigurationSchema,
} from "@envoyproxy/protos-ts/envoy/config/route/v3/route";
import {
  VirtualHost_TlsRequirementType as TlsRequirement,
  type VirtualHost,
  VirtualHostSchema,
} from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import { share } from "#encoding";
import type { RouteTablePlan, VirtualHostPlan } from "../../4-view/plan/routes.ts";
import { memoizeByIdentity } from "../../model/memo.ts";
import { gatherOrigins } from "../gather-origins.ts";
import type { EmittedResource } from "../resource.ts";
import { bodySize } from "./direct-response.ts";
import { route } from "./route.ts";

/** The RDS resource of a plan. The same plan object gives the same resource object. */
export const emitRouteTable = memoizeByIdentity(
  (plan: RouteTablePlan): EmittedResource => ({
    typeUrl: `type.googleapis.com/${RouteConfigurationSchema.typeName}`,
    name: plan.name,
    schema: RouteConfigurationSchema,
    message: routeConfiguration(plan),
    origins: gatherOrigins(
      plan.origins,
      ...plan.virtualHosts.flatMap((host) => [host.origins, ...host.routes.map(({ origins }) => origins)]),
    ),
  }),
);

/** The message alone, for a connection manager that carries its routes with it. Also made once per plan. */
export const routeConfiguration = memoizeByIdentity((plan: RouteTablePlan): RouteConfiguration => {
  const limit = directResponseLimit(plan);
  return create(RouteConfigurationSchema, {
    name: plan.name,
    virtualHosts: plan.virtualHosts.map((host) => virtualHost(host)),
    ignorePortInHostMatching: plan.ignorePortInHost,
    // A route may name a cluster that comes a moment later; requests meanwhile get 503 rather than the table a NACK.
    validateClusters: false,
    ...(limit !== undefined && { maxDirectResponseBodySizeBytes: limit }),
  });
});

/** Virtual hosts are shared between tables of proxies that see the same hosts. */
export const virtualHost = memoizeByIdentity(
  (plan: VirtualHostPlan): VirtualHost =>
    share(
      create(VirtualHostSchema, {
        name: plan.name,
        domains: [...plan.domains],
        routes: plan.routes.map(route),
        requireTls: plan.requireTls ? TlsRequirement.ALL : TlsRequirement.NONE,
        includeRequestAttemptCount: plan.includeAttemptCount,
      }),
    ),
);

/** Envoy refuses direct responses over this many bytes unless the table says otherwise. */
const defaultDirectResponseLimit = 4096;

function directResponseLimit(plan: RouteTablePlan): number | undefined {
  let largest = 0;
  for (const host of plan.virtualHosts) {
    for (const { action } of host.routes) {
      if (action.type === "direct-response") largest = Math.max(largest, bodySize(action));
    }
  }
  return largest > defaultDirectResponseLimit ? largest : undefined;
}
