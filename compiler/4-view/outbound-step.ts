// What a small step of the mesh does to a client's outbound half, found without looking at the rest of the mesh. In: the step and
// what was planned before it. Out: what planning anew would give; undefined wherever the step might reach further than it says.

import { editSorted, filterItems, placesBy, replaceItems } from "#immutable";
import type { Mesh } from "../3-mesh/mesh.ts";
import type { MeshStep } from "../3-mesh/step.ts";
import { httpProxyRoutes, outboundRoutes } from "../model/names.ts";
import type { MeshService, ServicePort } from "../model/service.ts";
import { namesCredentials } from "./caller.ts";
import type { Client } from "./client.ts";
import { type OutboundClusters, planService } from "./clusters.ts";
import { type Imports, reaches } from "./imports.ts";
import { type ImportsStep, standApart } from "./imports-step.ts";
import { isBelowHttp, setsLeadingTo } from "./leading-routes.ts";
import { planServiceListeners } from "./outbound-listeners.ts";
import type { ClusterPlan, EndpointsPlan, ProxyView, RouteTablePlan, VirtualHostPlan } from "./plan/index.ts";
import { inClusterOrder, inOrder } from "./plan-lists.ts";
import { isByName } from "./reach.ts";
import type { Advance } from "./stepwise.ts";
import {
  editHosts,
  isSharedPort,
  planHostFor,
  planPortTable,
  planServiceTable,
  type TableContext,
  tableNamesFor,
  withHosts,
} from "./virtual-hosts.ts";

const namingCredentials = filterItems(namesCredentials);

const placesOfTables = placesBy(({ name }: RouteTablePlan) => name);

/** Clusters and endpoints of the services that the step names. */
export function stepClusters(
  { before, after, step, planned }: Advance<ProxyView>,
  client: Client,
  { was, is, moved }: ImportsStep,
): Pick<ProxyView, "clusters" | "endpoints"> | undefined {
  if (step.credentials && namingCredentials(after.destinations).length > 0) return undefined;
  const hosts = [...step.endpoints.union(step.policies).union(moved)];
  const plansIn = (mesh: Mesh, { serviceByHost }: Imports) => {
    const services = new Set(hosts.flatMap((host) => serviceByHost.get(host) ?? []));
    return [...services].flatMap((service) => planService(mesh, client, service));
  };
  const [old, now] = [plansIn(before, was), plansIn(after, is)];
  if ([...old, ...now].some(({ secrets }) => secrets.length > 0)) return undefined;
  const edit = <P extends object>(
    list: readonly P[],
    plansOf: (planned: OutboundClusters) => readonly P[],
    compare: (a: P, b: P) => number,
  ) => editSorted(list, compare, now.flatMap(plansOf), old.flatMap(plansOf));
  return {
    clusters: edit<ClusterPlan>(planned.clusters, ({ clusters }) => clusters, inOrder),
    endpoints: edit<EndpointsPlan>(planned.endpoints, ({ endpoints }) => endpoints, inClusterOrder),
  };
}

/**
 * Listeners of services. Only TCP has one of its own: where the endpoints are if the service is headless, and with timeouts by
 * policy. Those of ports on which services came or went are planned again.
 */
export function stepListeners(
  { after, step, planned }: Advance<ProxyView>,
  client: Client,
  { was, is, moved }: ImportsStep,
): ProxyView["listeners"] | undefined {
  if (touchesListeners(is, step)) return undefined;
  if (moved.size === 0 || client.interceptionMode === "NONE") return planned.listeners;
  const { config } = after;
  const leading = [was, is].flatMap(({ routeSets }) => setsLeadingTo(routeSets, moved));
  const ports = new Set(
    [was, is]
      .flatMap((each) => servicesAt(each, moved))
      .flatMap((service) => service.ports.map(({ number }) => number)),
  );
  // That of the explicit proxy is no service's.
  if (leading.some(isBelowHttp) || ports.has(config.proxyHttpPort)) return undefined;
  const context: TableContext = { mesh: after, client, imports: is, outbound: config.outboundPolicy };
  const now = planServiceListeners(context, is.services, ports);
  const old = planned.listeners.filter(({ port, bindToPort }) => ports.has(port) && !bindToPort);
  return editSorted(planned.listeners, inOrder, now, old);
}

function servicesAt({ serviceByHost }: Imports, hosts: Iterable<string>): readonly MeshService[] {
  return [...hosts].flatMap((host) => serviceByHost.get(host) ?? []);
}

function touchesListeners({ serviceByHost }: Imports, { endpoints, policies, routeSets }: MeshStep): boolean {
  const isPlainHttp = (service: MeshService | undefined) =>
    !service || service.ports.every((port) => port.protocol === "udp" || isByName(port));
  return (
    routeSets.some(isBelowHttp) ||
    [...policies].some((host) => !isPlainHttp(serviceByHost.get(host))) ||
    [...endpoints].some((host) => {
      const service = serviceByHost.get(host);
      return service?.headless === true && !isPlainHttp(service);
    })
  );
}

/** The tables with the virtual hosts that the step may have changed, if hosts of services that stay keep their names. */
export function stepTables(
  advance: Advance<ProxyView>,
  client: Client,
  imports: ImportsStep,
): ProxyView["routeTables"] | undefined {
  const { after, step, planned } = advance;
  const { is, moved } = imports;
  if (step.policies.size + step.routeSets.length + moved.size === 0) return planned.routeTables;
  // Other names and scopes make what a route set means depend on more than its hosts.
  if (is.aliases.size > 0 || client.scope || !standApart(advance, imports)) return undefined;
  const services = routedServices(imports, step, client);
  if (!services) return undefined;
  const context: TableContext = { mesh: after, client, imports: is, outbound: after.config.outboundPolicy };
  const staying = stepHosts(context, planned.routeTables, services);
  return staying && moveHosts(context, staying, imports);
}

/** With the hosts of these services planned again. */
function stepHosts(
  context: TableContext,
  routeTables: readonly RouteTablePlan[],
  services: ReadonlySet<MeshService>,
): readonly RouteTablePlan[] | undefined {
  const places = placesOfTables(routeTables);
  const tables = new Map<number, RouteTablePlan>();
  for (const service of services) {
    for (const port of service.ports) {
      for (const name of tableNamesFor(service, port)) {
        const place = places.get(name);
        const table = place === undefined ? undefined : (tables.get(place) ?? routeTables[place]);
        if (place === undefined || !table) continue;
        const changed = withHosts(context, table, [planHostFor(context, name, service, port)]);
        if (!changed) return undefined;
        tables.set(place, changed);
      }
    }
  }
  return replaceItems(routeTables, tables);
}

/** Without the hosts of services that went, and with those of services that came or are others. */
function moveHosts(
  context: TableContext,
  routeTables: readonly RouteTablePlan[],
  { was, is, moved }: ImportsStep,
): readonly RouteTablePlan[] {
  const old = Map.groupBy(hostsOf(servicesAt(was, moved)), ({ table }) => table);
  const now = Map.groupBy(hostsOf(servicesAt(is, moved)), ({ table }) => table);
  const made: RouteTablePlan[] = [];
  const left: RouteTablePlan[] = [];
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    const table = routeTables[placesOfTables(routeTables).get(name) ?? -1];
    const next = moveHostsOf(context, name, table, old.get(name) ?? [], now.get(name) ?? []);
    if (next) made.push(next);
    else if (table) left.push(table);
  }
  return editSorted(routeTables, inOrder, made, left);
}

/** A host that a service has in a table. */
interface Place {
  readonly table: string;
  readonly service: MeshService;
  readonly port: ServicePort;
}

function hostsOf(services: readonly MeshService[]): readonly Place[] {
  return services.flatMap((service) =>
    service.ports.flatMap((port) => tableNamesFor(service, port).map((table) => ({ table, service, port }))),
  );
}

/** Undefined where there is no such table, or no longer. */
function moveHostsOf(
  context: TableContext,
  name: string,
  table: RouteTablePlan | undefined,
  gone: readonly Place[],
  come: readonly Place[],
): RouteTablePlan | undefined {
  const isCaptured = context.client.interceptionMode !== "NONE";
  const [place] = [...come, ...gone];
  if (place && name === outboundRoutes(place.port.number)) {
    if (!isSharedPort(context, place.port.number)) return undefined;
    if (!table && isCaptured) return planPortTable(context, place.port.number);
  } else if (name !== httpProxyRoutes) {
    const [own] = come;
    return own && isCaptured ? planServiceTable(context, own.service, own.port) : undefined;
  }
  return table && editHosts(context, table, hostsAt(context, come), new Set(gone.map(hostName)));
}

function hostsAt(context: TableContext, places: readonly Place[]): readonly VirtualHostPlan[] {
  return places.map(({ table, service, port }) => planHostFor(context, table, service, port));
}

function hostName({ service, port }: Place): string {
  return `${service.hostname}:${port.number}`;
}

/**
 * The services whose routes may be others now, of those that stay; undefined where routes are for hosts that are not just one
 * service.
 */
function routedServices(
  { is, moved }: ImportsStep,
  step: MeshStep,
  client: Client,
): ReadonlySet<MeshService> | undefined {
  const changed = step.routeSets.filter((set) => reaches(set, client.namespace));
  const leading = setsLeadingTo(is.routeSets, step.policies.union(moved));
  const services = new Set<MeshService>();
  for (const { hosts } of [...changed, ...leading]) {
    for (const host of hosts) {
      const service = host.includes("*") ? undefined : is.serviceByHost.get(host);
      if (!service) return undefined;
      services.add(service);
    }
  }
  for (const service of servicesAt(is, step.policies)) services.add(service);
  for (const service of servicesAt(is, moved)) services.delete(service);
  return services;
}
