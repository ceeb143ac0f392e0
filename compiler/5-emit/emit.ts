// ProxyView → every resource of one proxy. Loops over what the view holds; each resource is written by its own folder.

import type { ProxyView } from "../4-view/plan/index.ts";
import { memoizeByIdentity } from "../model/memo.ts";
import { byName } from "./by-name.ts";
import { emitCluster } from "./clusters/index.ts";
import { emitEndpoints } from "./endpoints/index.ts";
import { type Contributors, emitListener } from "./listeners/index.ts";
import type { EmittedResource } from "./resource.ts";
import { emitRouteTable } from "./routes/index.ts";
import { emitSecret } from "./secrets/index.ts";

/**
 * The resources in the order in which Envoy should learn of them (clusters, endpoints, listeners, routes, secrets), by
 * name within a type. Everything is made once per object: an equal plan object in another view gives the same resource.
 */
export const emitView = memoizeByIdentity(
  (view: ProxyView, contributors: Contributors): readonly EmittedResource[] => [
    ...view.clusters.map((plan) => emitCluster(plan)).toSorted(byName),
    ...view.endpoints.map((plan) => emitEndpoints(plan)).toSorted(byName),
    ...view.listeners.map((plan) => emitListener(plan, contributors)).toSorted(byName),
    ...view.routeTables.map((plan) => emitRouteTable(plan)).toSorted(byName),
    ...view.secrets.map((plan) => emitSecret(plan)).toSorted(byName),
  ],
);
