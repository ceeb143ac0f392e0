// EndpointsPlan → ClusterLoadAssignment: addresses, health, weights, and which endpoints take mesh mutual TLS.

import { create, type JsonObject, type MessageInitShape } from "@bufbuild/protobuf";
import { HealthStatus } from "@envoyproxy/protos-ts/envoy/config/core/v3/health_check";
import {
  type ClusterLoadAssignment,
  ClusterLoadAssignmentSchema,
} from "@envoyproxy/protos-ts/envoy/config/endpoint/v3/endpoint";
import type {
  LbEndpointSchema,
  LocalityLbEndpointsSchema,
} from "@envoyproxy/protos-ts/envoy/config/endpoint/v3/endpoint_components";
import type { EndpointPlan, EndpointsPlan, LocalityPlan } from "../../4-view/plan/index.ts";
import { memoizeByIdentity } from "../../model/memo.ts";
import type { EmittedResource } from "../resource.ts";

export const endpointsTypeUrl = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";

/** One load assignment under the cluster's name. No endpoints give an empty one, for silence would stall the cluster. */
export const emitEndpoints = memoizeByIdentity((plan: EndpointsPlan): EmittedResource => {
  return {
    typeUrl: endpointsTypeUrl,
    name: plan.clusterName,
    schema: ClusterLoadAssignmentSchema,
    message: buildLoadAssignment(plan),
    origins: plan.origins,
  };
});

/** The message alone, for clusters that carry their endpoints. */
export function buildLoadAssignment(plan: EndpointsPlan): ClusterLoadAssignment {
  return create(ClusterLoadAssignmentSchema, {
    clusterName: plan.clusterName,
    endpoints: plan.localities.map(localityEndpoints),
  });
}

function localityEndpoints(plan: LocalityPlan): MessageInitShape<typeof LocalityLbEndpointsSchema> {
  return {
    ...(plan.locality && {
      locality: {
        region: plan.locality.region,
        zone: plan.locality.zone,
        subZone: plan.locality.subzone,
      },
    }),
    priority: plan.priority,
    ...(plan.weight === undefined ? {} : { loadBalancingWeight: plan.weight }),
    lbEndpoints: plan.endpoints.map(endpoint),
  };
}

function endpoint(plan: EndpointPlan): MessageInitShape<typeof LbEndpointSchema> {
  return {
    hostIdentifier: { case: "endpoint", value: { address: address(plan) } },
    healthStatus: healthStatus[plan.state],
    // Unset weights count as 1; Envoy refuses 0.
    loadBalancingWeight: Math.max(1, plan.weight),
    metadata: { filterMetadata: endpointMetadata(plan) },
  };
}

const unixScheme = "unix://";

function address(plan: EndpointPlan) {
  if (plan.address.startsWith(unixScheme)) {
    return {
      address: { case: "pipe" as const, value: { path: plan.address.slice(unixScheme.length) } },
    };
  }
  return {
    address: {
      case: "socketAddress" as const,
      value: {
        address: plan.address,
        portSpecifier: { case: "portValue" as const, value: plan.port },
      },
    },
  };
}

const healthStatus: Readonly<Record<EndpointPlan["state"], HealthStatus>> = {
  healthy: HealthStatus.HEALTHY,
  draining: HealthStatus.DRAINING,
  unhealthy: HealthStatus.UNHEALTHY,
};

/** Keys in alphabetical order, for equal bytes. */
function endpointMetadata(plan: EndpointPlan): Record<string, JsonObject> {
  return {
    ...(plan.mtls && { "envoy.transport_socket_match": { tlsMode: "istio" } }),
    istio: { workload: plan.workload },
  };
}
