// What a small step of the mesh does to a client's outbound half, found without looking at the rest of the mesh. In: the step and
// what was planned before it. Out: what planning anew would give; undefined wherever the step might reach further than it says.

import { filterItems, placesBy, replaceItems } from "#immutable";
import type { Mesh } from "../3-mesh/mesh.ts";
import type { MeshStep } from "../3-mesh/step.ts";
import type { RouteSet } from "../model/routes.ts";
import type { MeshService } from "../model/service.ts";
import { namesCredentials } from "./caller.ts";
import type { Client } from "./client.ts";
import { type OutboundClusters, planService } from "./clusters.ts";
import { type Imports, importsOf, reaches } from "./imports.ts";
import { setsLeadingTo } from "./leading-routes.ts";
import type { ClusterPlan, EndpointsPlan, ProxyView, RouteTablePlan } from "./plan/index.ts";
import type { Advance } from "./stepwise.ts";
import { isHttp, planHostFor, type TableContext, tableNamesFor, withHosts } from "./virtual-hosts.ts";

const namingCredentials = filterItems(namesCredentials);

const placesOfClusters = placesBy(({ name }: ClusterPlan) => name);
const placesOfEndpoints = placesBy(({ clusterName }: EndpointsPlan) => clusterName);
const placesOfTables = placesBy(({ name }: RouteTablePlan) => name);

/** Clusters and endpoints of the services that the step names, as long as each has the clusters that it had. */
export function stepClusters(
  { before, after, step, planned }: Advance<ProxyView>,
  client: Client,
): Pick<ProxyView, "clusters" | "endpoints"> | undefined {
  const imports = unmovedImports(before, after, client);
  if (!imports || (step.credentials && namingCredentials(after.destinations).length > 0)) return undefined;
  const clusters = new Map<number, ClusterPlan>();
  const endpoints = new Map<number, EndpointsPlan>();
  for (const service of touchedServices(imports, step)) {
    const was = planService(before, client, service);
    const is = planService(after, client, service);
    if ([...was, ...is].some(({ secrets }) => secrets.length > 0)) return undefined;
    const made = [
      collect(was, is, ({ clusters }) => clusters, placesOfClusters(planned.clusters), clusterName, clusters),
      collect(
        was,
        is,
        ({ endpoints }) => endpoints,
        placesOfEndpoints(planned.endpoints),
        endpointsName,
        endpoints,
      ),
    ];
    if (made.includes(false)) return undefined;
  }
  return {
    clusters: replaceItems(planned.clusters, clusters),
    endpoints: replaceItems(planned.endpoints, endpoints),
  };
}

const clusterName = ({ name }: ClusterPlan) => name;
const endpointsName = ({ clusterName: name }: EndpointsPlan) => name;

/** False where there are others than before, or one has no place. */
function collect<P>(
  was: readonly OutboundClusters[],
  is: readonly OutboundClusters[],
  plansOf: (planned: OutboundClusters) => readonly P[],
  places: ReadonlyMap<string, number>,
  nameOf: (plan: P) => string,
  found: Map<number, P>,
): boolean {
  const [old, now] = [was.flatMap(plansOf), is.flatMap(plansOf)];
  if (old.length !== now.length) return false;
  return now.every((plan, index) => {
    const earlier = old[index];
    const place = places.get(nameOf(plan));
    if (!earlier || nameOf(earlier) !== nameOf(plan) || place === undefined) return false;
    if (earlier !== plan) found.set(place, plan);
    return true;
  });
}

/** What the client may name, if that is what it was but for the routes. */
export function unmovedImports(before: Mesh, after: Mesh, client: Client): Imports | undefined {
  const [was, is] = [importsOf(before, client), importsOf(after, client)];
  return was.services === is.services && was.serviceByHost === is.serviceByHost ? is : undefined;
}

function touchedServices(
  { serviceByHost }: Imports,
  { endpoints, policies }: MeshStep,
): readonly MeshService[] {
  return [...endpoints.union(policies)].flatMap((host) => serviceByHost.get(host) ?? []);
}

/** Only TCP has a listener of its own: where the endpoints are if the service is headless, and with timeouts by policy. */
export function touchesListeners(
  mesh: Mesh,
  client: Client,
  { endpoints, policies, routeSets }: MeshStep,
): boolean {
  const { serviceByHost } = importsOf(mesh, client);
  const isPlainHttp = (service: MeshService | undefined) =>
    !service ||
    service.ports.every(({ protocol }) => protocol === "udp" || (isHttp(protocol) && protocol !== "auto"));
  return (
    routeSets.some(({ tls, tcp }) => tls.length + tcp.length > 0) ||
    [...policies].some((host) => !isPlainHttp(serviceByHost.get(host))) ||
    [...endpoints].some((host) => {
      const service = serviceByHost.get(host);
      return service?.headless === true && !isPlainHttp(service);
    })
  );
}

/** The tables with the virtual hosts whose routes the step may have changed, if those keep their names. */
export function stepTables(
  { before, after, step, planned }: Advance<ProxyView>,
  client: Client,
): ProxyView["routeTables"] | undefined {
  if (step.policies.size + step.routeSets.length === 0) return planned.routeTables;
  const imports = unmovedImports(before, after, client);
  // Other names and scopes make what a route set means depend on more than its hosts.
  if (!imports || imports.aliases.size > 0 || client.scope) return undefined;
  const services = routedServices(imports, step, client);
  if (!services) return undefined;
  const context: TableContext = {
    mesh: after,
    client,
    imports,
    outbound: after.config.outboundPolicy,
  };
  const places = placesOfTables(planned.routeTables);
  const tables = new Map<number, RouteTablePlan>();
  for (const service of services) {
    for (const port of service.ports) {
      for (const name of tableNamesFor(port)) {
        const place = places.get(name);
        const table = place === undefined ? undefined : (tables.get(place) ?? planned.routeTables[place]);
        if (place === undefined || !table) continue;
        const changed = withHosts(context, table, [planHostFor(context, name, service, port)]);
        if (!changed) return undefined;
        tables.set(place, changed);
      }
    }
  }
  return replaceItems(planned.routeTables, tables);
}

/** The services whose routes may be others now; undefined where routes are for hosts that are not just one service. */
function routedServices(
  imports: Imports,
  step: MeshStep,
  client: Client,
): ReadonlySet<MeshService> | undefined {
  const changed = step.routeSets.filter((set) => reaches(set, client.namespace));
  const leading = setsLeadingTo(imports.routeSets, step.policies);
  const services = new Set<MeshService>();
  for (const { hosts } of [...changed, ...leading] satisfies readonly RouteSet[]) {
    for (const host of hosts) {
      const service = host.includes("*") ? undefined : imports.serviceByHost.get(host);
      if (!service) return undefined;
      services.add(service);
    }
  }
  for (const host of step.policies) {
    const service = imports.serviceByHost.get(host);
    if (service) services.add(service);
  }
  return services;
}
