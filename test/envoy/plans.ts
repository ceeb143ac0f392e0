// Plans with defaults, so that a test states only what it is about.

import type {
  ClusterPlan,
  EndpointPlan,
  EndpointsPlan,
  LocalityPlan,
} from "../../compiler/4-view/plan/index.ts";
import type { ConnectionPool, LoadBalancer } from "../../compiler/model/destination.ts";
import { outboundCluster } from "../../compiler/model/names.ts";
import type { Origin } from "../../compiler/model/origin.ts";

export const reviewsHost = "reviews.default.svc.cluster.local";

export const someOrigin: Origin = {
  kind: "Service",
  namespace: "default",
  name: "reviews",
  position: { file: "mesh.yaml", line: 1, column: 1, length: 1 },
};

/** An outbound EDS cluster for HTTP on port 9080 of `reviews`, plain text. */
export function clusterPlan(changes: Partial<ClusterPlan> = {}): ClusterPlan {
  return {
    name: outboundCluster(9080, undefined, reviewsHost),
    direction: "outbound",
    discovery: { type: "eds" },
    connectTimeoutMs: 10_000,
    protocol: "http1",
    tls: { type: "none" },
    service: { host: reviewsHost, name: "reviews", namespace: "default" },
    origins: [someOrigin],
    ...changes,
  };
}

/** One locality without a name, priority 0, with these endpoints. */
export function endpointsPlan(
  endpoints: readonly Partial<EndpointPlan>[] = [{}],
  changes: Partial<EndpointsPlan> = {},
): EndpointsPlan {
  return {
    clusterName: outboundCluster(9080, undefined, reviewsHost),
    localities: [localityPlan(endpoints)],
    origins: [someOrigin],
    ...changes,
  };
}

export function localityPlan(
  endpoints: readonly Partial<EndpointPlan>[],
  changes: Partial<LocalityPlan> = {},
): LocalityPlan {
  return { priority: 0, endpoints: endpoints.map(endpointPlan), ...changes };
}

/** A healthy pod of `reviews` that takes mutual TLS. */
export function endpointPlan(changes: Partial<EndpointPlan> = {}): EndpointPlan {
  return {
    address: "10.0.0.1",
    port: 9080,
    weight: 1,
    state: "healthy",
    mtls: true,
    workload: "reviews-v1;default;reviews;v1;Kubernetes",
    namespace: "default",
    labels: { app: "reviews" },
    ...changes,
  };
}

export function connectionPool(changes: {
  readonly tcp?: Partial<ConnectionPool["tcp"]>;
  readonly http?: Partial<ConnectionPool["http"]>;
}): ConnectionPool {
  return {
    tcp: { ...changes.tcp },
    http: { h2Upgrade: "default", useClientProtocol: false, ...changes.http },
  };
}

export function consistentHash(
  table: Extract<LoadBalancer["algorithm"], { readonly type: "consistent-hash" }>["table"],
): LoadBalancer {
  return { algorithm: { type: "consistent-hash", key: { type: "source-ip" }, table } };
}
