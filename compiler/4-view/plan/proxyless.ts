// What stage 5 needs to configure a gRPC client that has no proxy: names it may call, routes and clusters it can act on.

import type { Origin } from "../../model/origin.ts";
import type { ClusterPlan, EndpointsPlan } from "./clusters.ts";
import type { RouteTablePlan } from "./routes.ts";

/** One name of one port of a service, as it stands in `xds:///NAME`. */
export interface TargetPlan {
  /** `reviews.default.svc.cluster.local:9080`, and the same with each shorter name of the service. */
  readonly name: string;
  readonly routeTable: string;
  readonly origins: readonly Origin[];
}

/**
 * Everything that emission may read for one client without a proxy. Each table is for one host. Clusters speak plain text
 * and find their endpoints by EDS, by one DNS name, or not at all (`black-hole`).
 */
export interface ProxylessView {
  readonly targets: readonly TargetPlan[];
  readonly routeTables: readonly RouteTablePlan[];
  readonly clusters: readonly ClusterPlan[];
  readonly endpoints: readonly EndpointsPlan[];
}
