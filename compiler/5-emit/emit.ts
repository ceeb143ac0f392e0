// ProxyView → every resource of one proxy. Loops over what the view holds; each resource is written by its own folder.

import { joinLists, mapItems } from "#immutable";
import type { ProxyView, RouteTablePlan } from "../4-view/plan/index.ts";
import { memoizeByIdentity } from "../model/memo.ts";
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
export function emitGroups(
  view: ProxyView,
  contributors: Contributors,
  tables: "whole" | "parts",
): readonly (readonly EmittedResource[])[] {
  return [
    emitClusters(view.clusters),
    emitAssignments(view.endpoints),
    emitListeners(view.listeners, contributors),
    ...(tables === "whole" ? [emitRouteTables(view.routeTables)] : emitTableParts(view.routeTables)),
    emitSecrets(view.secrets),
  ];
}

// Plans come in order of name, and so do the resources; of a list in which few plans are others, few are written anew.
const emitClusters = mapItems(emitCluster);
const emitAssignments = mapItems(emitEndpoints);
const emitListeners = memoizeByIdentity((plans: ProxyView["listeners"], contributors: Contributors) =>
  plans.map((plan) => emitListener(plan, contributors)),
);
const emitRouteTables = mapItems(emitRouteTable);
const emitShells = mapItems((plan: RouteTablePlan) =>
  plan.inOnePiece ? emitRouteTable(plan) : emitTableShell(plan),
);
const emitHostsOfTables = mapItems((plan: RouteTablePlan) => (plan.inOnePiece ? noHosts : emitHosts(plan)));
const noHosts: readonly EmittedResource[] = [];
const emitSecrets = mapItems(emitSecret);

/** Tables without their hosts, but for those in one piece, and the hosts of all of them, table by table. */
function emitTableParts(plans: ProxyView["routeTables"]): readonly (readonly EmittedResource[])[] {
  return [emitShells(plans), joinLists(emitHostsOfTables(plans))];
}
