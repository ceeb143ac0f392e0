// The contract between deciding (stage 4) and writing (stage 5).

import type { ClusterPlan, EndpointsPlan } from "./clusters.ts";
import type { ListenerPlan } from "./listeners.ts";
import type { RouteTablePlan } from "./routes.ts";
import type { SecretPlan } from "./secrets.ts";

export type * from "./clusters.ts";
export type * from "./listeners.ts";
export type * from "./proxyless.ts";
export type * from "./routes.ts";
export type * from "./secrets.ts";

/**
 * Everything that emission may read for one proxy, and therefore its cache key. Lists are sorted by name. Two proxies
 * with equal views get the very same resources.
 */
export interface ProxyView {
  readonly clusters: readonly ClusterPlan[];
  readonly endpoints: readonly EndpointsPlan[];
  readonly listeners: readonly ListenerPlan[];
  readonly routeTables: readonly RouteTablePlan[];
  readonly secrets: readonly SecretPlan[];
}

/**
 * A view in two layers, which together are everything: `shared` is the same object for all proxies that are equal as
 * clients; a plan in `own` hides a shared one of the same kind and name.
 */
export interface LayeredView {
  readonly shared: ProxyView;
  readonly own: ProxyView;
}
