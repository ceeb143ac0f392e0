// EndpointsPlan → the ClusterLoadAssignment that gRPC takes: a locality and a weight everywhere, priorities without gaps, IP
// addresses only, each once (gRFC A27). Envoy's metadata is left out.

import { create } from "@bufbuild/protobuf";
import { HealthStatus } from "@envoyproxy/protos-ts/envoy/config/core/v3/health_check";
import {
  type ClusterLoadAssignment,
  ClusterLoadAssignmentSchema,
} from "@envoyproxy/protos-ts/envoy/config/endpoint/v3/endpoint";
import type { EndpointPlan, EndpointsPlan, LocalityPlan } from "../../4-view/plan/index.ts";
import { isIP } from "../../model/address.ts";
import { memoizeByIdentity } from "../../model/memo.ts";
import { endpointsTypeUrl } from "../endpoints/index.ts";
import type { EmittedResource } from "../resource.ts";

/** One load assignment under the cluster's name. */
export const emitGrpcEndpoints = memoizeByIdentity((plan: EndpointsPlan): EmittedResource => {
  const seen = new Set<string>();
  const localities = plan.localities.map((locality) => ({
    ...locality,
    endpoints: locality.endpoints.filter(({ address, port }) => {
      const isNew = isIP(address) && !seen.has(`${address} ${port}`);
      seen.add(`${address} ${port}`);
      return isNew;
    }),
  }));
  return {
    typeUrl: endpointsTypeUrl,
    name: plan.clusterName,
    schema: ClusterLoadAssignmentSchema,
    message: grpcLoadAssignment({ ...plan, localities }),
    origins: plan.origins,
  };
});

/** The message alone, of endpoints that gRPC can call, whatever kind of name they have. */
export function grpcLoadAssignment(plan: EndpointsPlan): ClusterLoadAssignment {
  const localities = plan.localities.filter(({ endpoints }) => endpoints.length > 0);
  const priorities = [...new Set(localities.map(({ priority }) => priority))].sort((a, b) => a - b);
  return create(ClusterLoadAssignmentSchema, {
    clusterName: plan.clusterName,
    endpoints: localities.map((each) => localityEndpoints(each, priorities.indexOf(each.priority))),
  });
}

/** Endpoints without a weight of their locality are weighed one by one: then their sum is the locality's. */
function localityEndpoints(plan: LocalityPlan, priority: number) {
  const { region = "", zone = "", subzone = "" } = plan.locality ?? {};
  const sum = plan.endpoints.reduce((total, each) => total + weightOf(each), 0);
  return {
    locality: { region, zone, subZone: subzone },
    priority,
    loadBalancingWeight: plan.weight ?? sum,
    lbEndpoints: plan.endpoints.map((each) => ({
      hostIdentifier: { case: "endpoint" as const, value: { address: socketAddress(each) } },
      healthStatus: healthStatus[each.state],
      loadBalancingWeight: weightOf(each),
    })),
  };
}

function weightOf({ weight }: EndpointPlan): number {
  return Math.max(1, weight);
}

function socketAddress({ address, port }: EndpointPlan) {
  return {
    address: {
      case: "socketAddress" as const,
      value: { address, portSpecifier: { case: "portValue" as const, value: port } },
    },
  };
}

const healthStatus: Readonly<Record<EndpointPlan["state"], HealthStatus>> = {
  healthy: HealthStatus.HEALTHY,
  draining: HealthStatus.DRAINING,
  unhealthy: HealthStatus.UNHEALTHY,
};
