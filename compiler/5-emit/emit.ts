// ProxyView → every resource of one proxy. Loops over what the view holds; each resource is written by its own folder.

import type { ProxyView } from "../4-view/plan/index.ts";
import { memoizeByIdentity } from "../model/memo.ts";
import { byName } from "./by-name.ts";
import { emitCluster } from "./clusters/index.ts";
import { emitEndpoints } from "./endpoints/index.ts";
import { type Contributors, emitListener } from "./listeners/index.ts";
import type { EmittedResource } from "./resource.ts";
import { emitHosts, emitRouteTable, emitTableShell } from "./routes/index.ts";
import { emitSecret } from "./secrets/index.ts";

/**
 * The resources in the order in which Envoy should learn of them (clusters, endpoints, listeners, routes, secrets), by
 * name within a type. Everything is made once per object: an equal plan object in another view gives the same resource.
 */
export function emitView(view: ProxyView, contributors: Contributors): readonly EmittedResource[] {
  return emitGroups(view, contributors, "whole").flat();
}

/**
 * The same, a list for each type. A list of the same plans is the same list of resources. Route tables are `whole`, or in
 * `parts`: tables that discover their virtual hosts, and these.
 */
export const emitGroups = memoizeByIdentity(
  (
    view: ProxyView,
    contributors: Contributors,
    tables: "whole" | "parts",
  ): readonly (readonly EmittedResource[])[] => [
    emitClusters(view.clusters),
    emitAssignments(view.endpoints),
    emitListeners(view.listeners, contributors),
    ...(tables === "whole" ? [emitRouteTables(view.routeTables)] : emitTableParts(view.routeTables)),
    emitSecrets(view.secrets),
  ],
);

const emitClusters = memoizeByIdentity((plans: ProxyView["clusters"]) =>
  plans.map((plan) => emitCluster(plan)).toSorted(byName),
);

const emitAssignments = memoizeByIdentity((plans: ProxyView["endpoints"]) =>
  plans.map((plan) => emitEndpoints(plan)).toSorted(byName),
);

const emitListeners = memoizeByIdentity((plans: ProxyView["listeners"], contributors: Contributors) =>
  plans.map((plan) => emitListener(plan, contributors)).toSorted(byName),
);

const emitRouteTables = memoizeByIdentity((plans: ProxyView["routeTables"]) =>
  plans.map((plan) => emitRouteTable(plan)).toSorted(byName),
);

const emitTableParts = memoizeByIdentity((plans: ProxyView["routeTables"]) => [
  plans.map((plan) => emitTableShell(plan)).toSorted(byName),
  plans.flatMap((plan) => emitHosts(plan)).toSorted(byName),
]);

const emitSecrets = memoizeByIdentity((plans: ProxyView["secrets"]) =>
  plans.map((plan) => emitSecret(plan)).toSorted(byName),
);
