// The virtual hosts of a sidecar's outbound route tables: one per service, one per routed host without a service, and the
// catch-all that says what happens to everything else; where an address says which service is meant, that one's alone.

import { editSorted, placesBy } from "#immutable";
import type { Mesh } from "../3-mesh/mesh.ts";
import { nearestFirst } from "../3-mesh/order.ts";
import type { DestinationPolicy } from "../model/destination.ts";
import { hostCovers } from "../model/host.ts";
import { keepEqual, memoizeByIdentity, sameItems, sameTree } from "../model/memo.ts";
import type { MeshConfig } from "../model/mesh-config.ts";
import {
  explicitPassthroughCluster,
  httpProxyRoutes,
  outboundRoutes,
  passthroughCluster,
  serviceRoutes,
} from "../model/names.ts";
import type { Origin } from "../model/origin.ts";
import type { RouteSet } from "../model/routes.ts";
import type { OutboundPolicy } from "../model/scope.ts";
import type { MeshService, ServicePort } from "../model/service.ts";
import { compareText } from "../model/text-order.ts";
import { type Caller, callerOf } from "./caller.ts";
import { catchAll, isCatchAll } from "./catch-all.ts";
import type { Client } from "./client.ts";
import { resolveDestination, resolveWith } from "./destinations.ts";
import { namesOf, withoutRepeatedDomains } from "./host-domains.ts";
import type { Imports } from "./imports.ts";
import { keepLists } from "./kept-plans.ts";
import type { Outlook } from "./outlook.ts";
import type { RoutePlan, RouteTablePlan, VirtualHostPlan } from "./plan/index.ts";
import { byName } from "./plan-lists.ts";
import { isByAddress, isHttp, isShared } from "./reach.ts";
import { defaultRetries, noHeaders, planRoutes, type RouteSite } from "./route-plans.ts";
import { routesFor } from "./routes-for-hosts.ts";
import { policyFor } from "./traffic-policy.ts";

export interface TableContext {
  readonly mesh: Mesh;
  readonly client: Client;
  readonly imports: Imports;
  readonly outbound: OutboundPolicy;
  /** Absent: it is not worth finding, for a few hosts. */
  readonly outlook?: Outlook;
}

/** The ports on which requests of this context are routed, each once, in ascending order. */
export function httpPorts({ imports }: TableContext): readonly number[] {
  return [...offersByPort(imports.services).keys()].sort((a, b) => a - b);
}

/** Whether requests on this port are routed at the address that services share. */
export function isSharedPort({ imports }: TableContext, port: number): boolean {
  return offersByPort(imports.services).get(port)?.some(isOfferShared) ?? false;
}

const isOfferShared = ({ service, port }: Offer) => isShared(service, port);

/** The table of one port, shared by every service on it. */
export function planPortTable(context: TableContext, port: number): RouteTablePlan {
  const offers = offersByPort(context.imports.services).get(port) ?? [];
  return assemble(context, outboundRoutes(port), offers, portShape(port));
}

/** The table of the explicit proxy: every HTTP port of every service, told apart by the port in the authority. */
export function planProxyTable(context: TableContext): RouteTablePlan {
  return assemble(context, httpProxyRoutes, offersOf(context.imports.services), proxyShape);
}

/** Tables of services whose requests are told from those of others by their addresses: on one port, or on all. */
export function planServiceTables(context: TableContext, number?: number): readonly RouteTablePlan[] {
  return offersOf(context.imports.services)
    .filter(({ service, port }) => isByAddress(service, port) && (number ?? port.number) === port.number)
    .map(({ service, port }) => planServiceTable(context, service, port));
}

/** Whatever name a request calls, it is for this service; other names of the service may have routes of their own. */
export function planServiceTable(
  context: TableContext,
  service: MeshService,
  port: ServicePort,
): RouteTablePlan {
  const name = serviceRoutes(service.hostname, port.number);
  const routesOf = routesFor(context.imports.routeSets, context.client.namespace);
  const [host, ...others] = hostsOfOffer(context, offer(service, port), routesOf, portShape(port.number));
  const hosts = byName(withoutRepeatedDomains([underAnyName(service, host), ...others]));
  return tableOf(keepHosts(context.mesh.config, context.client, name, hosts), name, true, true);
}

const underAnyName = memoizeByIdentity((service: MeshService, host: VirtualHostPlan) =>
  keepHost(service, `${host.name} *`, { ...host, domains: ["*"] }),
);

/** What services offer on ports that are routed as HTTP. */
const offersOf = memoizeByIdentity((services: readonly MeshService[]): readonly Offer[] =>
  services.flatMap((service) =>
    service.ports.filter(({ protocol }) => isHttp(protocol)).map((port) => offer(service, port)),
  ),
);

const offer = memoizeByIdentity((service: MeshService, port: ServicePort): Offer => ({ service, port }));

const offersByPort = memoizeByIdentity((services: readonly MeshService[]) =>
  Map.groupBy(offersOf(services), ({ port }) => port.number),
);

interface Offer {
  readonly service: MeshService;
  readonly port: ServicePort;
}

interface Shape {
  readonly ignorePortInHost: boolean;
  readonly withPort: boolean;
  /** Where requests for unknown hosts go if they may. */
  readonly passthrough: string;
  /** Hosts that no service has are routed on this port only. */
  readonly orphanPort: number;
}

const portShape = (port: number): Shape => ({
  ignorePortInHost: true,
  withPort: false,
  passthrough: passthroughCluster,
  orphanPort: port,
});

const proxyShape: Shape = {
  ignorePortInHost: false,
  withPort: true,
  // A request that was sent here on purpose has no other original destination.
  passthrough: explicitPassthroughCluster,
  orphanPort: 80,
};

/** The tables that have a host for a port of a service: that of the port, that of the explicit proxy, and its own if it has one. */
export function tableNamesFor(service: MeshService, port: ServicePort): readonly string[] {
  if (!isHttp(port.protocol)) return [];
  const shared = [outboundRoutes(port.number), httpProxyRoutes];
  return isByAddress(service, port) ? [...shared, serviceRoutes(service.hostname, port.number)] : shared;
}

/**
 * The host of one port of a service as it stands in one of its tables, where it has no other names than its own and no
 * other host of the table claims one of them.
 */
export function planHostFor(
  context: TableContext,
  table: string,
  service: MeshService,
  port: ServicePort,
): VirtualHostPlan {
  const sets = routesFor(context.imports.routeSets, context.client.namespace)(service);
  const shape = table === httpProxyRoutes ? proxyShape : portShape(port.number);
  const host = serviceHost(context, offer(service, port), [service], sets, shape);
  return table === serviceRoutes(service.hostname, port.number) ? underAnyName(service, host) : host;
}

/** A table with other hosts in the places of some, under their names and for their domains. */
export function withHosts(
  context: TableContext,
  table: RouteTablePlan,
  hosts: readonly VirtualHostPlan[],
): RouteTablePlan | undefined {
  const places = placesOfHosts(table.virtualHosts);
  const keepsDomains = (host: VirtualHostPlan) => {
    const before = table.virtualHosts[places.get(host.name) ?? -1];
    return before !== undefined && sameItems(before.domains, host.domains);
  };
  return hosts.every(keepsDomains) ? editHosts(context, table, hosts) : undefined;
}

const placesOfHosts = placesBy(({ name }: VirtualHostPlan) => name);

/**
 * A table with more hosts, which take the place of those of their names, and without the hosts of some names. None of them may claim a
 * domain that another host of the table has.
 */
export function editHosts(
  { mesh, client }: TableContext,
  table: RouteTablePlan,
  come: readonly VirtualHostPlan[],
  gone: ReadonlySet<string> = new Set(),
): RouteTablePlan {
  const { name, virtualHosts, ignorePortInHost, inOnePiece } = table;
  const leaving = gone.size > 0 ? virtualHosts.filter((host) => gone.has(host.name)) : [];
  const edited = editSorted(virtualHosts, inTable, come, leaving);
  const kept = keepHosts(mesh.config, client, name, edited, virtualHosts);
  return tableOf(kept, name, ignorePortInHost, inOnePiece === true);
}

/** By name, and what nobody claims at the end. */
function inTable(a: VirtualHostPlan, b: VirtualHostPlan): number {
  return Number(isCatchAll(a)) - Number(isCatchAll(b)) || compareText(a.name, b.name);
}

function assemble(
  context: TableContext,
  name: string,
  offers: readonly Offer[],
  shape: Shape,
): RouteTablePlan {
  const { routeSets } = context.imports;
  const routesOf = routesFor(routeSets, context.client.namespace);
  const hosts: VirtualHostPlan[] = offers.flatMap((offer) => hostsOfOffer(context, offer, routesOf, shape));
  if (shape.orphanPort === 80) hosts.push(...orphanHosts(context, routeSets, shape));
  const unique = withoutRepeatedDomains(hosts);
  const sorted = byName(unique);
  const taken = unique.some(({ domains }) => domains.includes("*"));
  const all = taken ? sorted : [...sorted, catchAll(context.outbound, shape.passthrough)];
  const kept = keepHosts(context.mesh.config, context.client, name, all);
  return tableOf(kept, name, shape.ignorePortInHost, false);
}

/** That of a service under the names that have no routes of their own, and those of the others. */
function hostsOfOffer(
  context: TableContext,
  offered: Offer,
  routesOf: ReturnType<typeof routesFor>,
  shape: Shape,
): readonly [VirtualHostPlan, ...VirtualHostPlan[]] {
  const { service } = offered;
  const aliases = context.imports.aliases.get(service.hostname) ?? [];
  const names = [service, ...aliases.filter((alias) => routesOf(alias).length === 0)] as const;
  return [
    serviceHost(context, offered, names, routesOf(service), shape),
    ...aliases.flatMap((alias) => {
      const sets = routesOf(alias);
      return sets.length > 0 ? [serviceHost(context, offered, [alias], sets, shape)] : [];
    }),
  ];
}

const keepHosts = keepLists(({ name }: VirtualHostPlan) => name);

const tableOf = memoizeByIdentity(
  (
    virtualHosts: readonly VirtualHostPlan[],
    name: string,
    ignorePortInHost: boolean,
    inOnePiece: boolean,
  ): RouteTablePlan => ({
    name,
    virtualHosts,
    ignorePortInHost,
    ...(inOnePiece ? { inOnePiece } : {}),
    origins: [],
  }),
);

function siteFor(context: TableContext, set: RouteSet, port: number): RouteSite {
  const { mesh, client, imports } = context;
  return {
    gateway: "mesh",
    setGateways: set.gateways,
    port,
    clientNamespace: client.namespace,
    clientLabels: client.labels,
    config: mesh.config,
    resolve: (destination, listenerPort) =>
      resolveDestination(mesh, client, imports.serviceByHost, destination, listenerPort),
  };
}

/** Clients with the same outlook have the same routes, but for those that are for some clients. */
function routesOfSet(context: TableContext, set: RouteSet, port: number): readonly RoutePlan[] {
  const { outlook, imports } = context;
  const plan = () => planRoutes(set.http, siteFor(context, set, port));
  if (!outlook || outlook.serviceByHost !== imports.serviceByHost || isForSome(set)) return plan();
  return routesByPort(outlook, set).getOrInsertComputed(port, () => keepRoutes(set, `${port}`, plan()));
}

// Compared here once, and not with each host of each kind of client.
const keepRoutes = keepEqual<RouteSet, readonly RoutePlan[]>(sameTree, { variants: 8 });

const routesByPort = memoizeByIdentity(
  (_outlook: Outlook, _set: RouteSet) => new Map<number, readonly RoutePlan[]>(),
);

const isForSome = memoizeByIdentity(({ http }: RouteSet): boolean =>
  http.some(({ matches }) =>
    matches.some(
      ({ sourceNamespace, sourceLabels }) =>
        sourceNamespace !== undefined || Object.keys(sourceLabels).length > 0,
    ),
  ),
);

/** The first that has a route for this client on this port. */
function firstRouted(context: TableContext, sets: readonly RouteSet[], port: number) {
  for (const set of sets) {
    const routes = routesOfSet(context, set, port);
    if (routes.length > 0) return { set, routes };
  }
  return undefined;
}

function serviceHost(
  context: TableContext,
  offered: Offer,
  names: readonly [MeshService, ...MeshService[]],
  sets: readonly RouteSet[],
  { withPort }: Shape,
): VirtualHostPlan {
  const { client, mesh } = context;
  const { service, port } = offered;
  const routed = firstRouted(context, sets, port.number);
  const policy = policyFor(mesh, client, service);
  const caller = callerOf(client, mesh.config, policy);
  const [first, second] = names;
  if (!second) {
    const near = first.namespace === client.namespace;
    const bare = isBare(first, port.number, withPort);
    return routed
      ? routedHost(routed.routes, routed.set, offered, first, near, bare, withPort)
      : plainHost(mesh.config, caller, policy, near, bare, withPort, offered, first);
  }
  const domains = names.flatMap((each) => domainsOf(each, port.number, client.namespace, withPort));
  return routed
    ? hostOf(offered, domains, first, routed.routes, [routed.set.origin])
    : hostOf(offered, domains, first, [plainRoute(mesh.config, caller, service, port, policy)], []);
}

/**
 * Most hosts: no route is written for them, and they have one name. Every kind of client asks for all, so that what is the same for
 * all hosts comes first.
 */
const plainHost = memoizeByIdentity(
  (
    config: MeshConfig,
    caller: Caller,
    policy: DestinationPolicy | undefined,
    near: boolean,
    bare: boolean,
    withPort: boolean,
    offered: Offer,
    named: MeshService,
  ): VirtualHostPlan => {
    const { service, port } = offered;
    const routes = [plainRoute(config, caller, service, port, policy)];
    return hostOf(offered, namesOf(named, port.number, near, bare, withPort), named, routes, []);
  },
);

/** A host with one name and routes of its own, which are the same for most kinds of clients. */
const routedHost = memoizeByIdentity(
  (
    routes: readonly RoutePlan[],
    set: RouteSet,
    offered: Offer,
    named: MeshService,
    near: boolean,
    bare: boolean,
    withPort: boolean,
  ): VirtualHostPlan =>
    hostOf(offered, namesOf(named, offered.port.number, near, bare, withPort), named, routes, [set.origin]),
);

function hostOf(
  { service, port }: Offer,
  domains: readonly string[],
  named: MeshService,
  routes: readonly RoutePlan[],
  origins: readonly Origin[],
): VirtualHostPlan {
  const name = `${named.hostname}:${port.number}`;
  return keepHost(service, `${name} ${domains.join()}`, {
    name,
    domains,
    routes,
    requireTls: false,
    includeAttemptCount: true,
    origins: [...origins, service.origin],
  });
}

// What comes out the same is the same object, for all clients and in the next mesh: a change of one route makes one
// virtual host of a thousand anew. Clients whose labels matter have variants of their own.
const keepHost = keepEqual<MeshService, VirtualHostPlan>(sameTree, { variants: 8 });

/** What a service without routing policy gets. */
function plainRoute(
  config: MeshConfig,
  caller: Caller,
  service: MeshService,
  port: ServicePort,
  policy: DestinationPolicy | undefined,
): RoutePlan {
  const { cluster, hash, alpnFromRequest } = resolveWith(
    { config },
    caller,
    service,
    port,
    policy,
    undefined,
  );
  return {
    name: "default",
    action: {
      type: "forward",
      clusters: [
        { cluster, weight: 100, headers: noHeaders, ...(alpnFromRequest ? { alpnFromRequest: true } : {}) },
      ],
      mirrors: [],
      hash: hash ? [hash] : [],
    },
    retries: defaultRetries(config),
    headers: noHeaders,
    origins: [service.origin],
  };
}

/** Hosts that are only ever routed elsewhere: no service has them, on any port. */
function orphanHosts(
  context: TableContext,
  sets: readonly RouteSet[],
  shape: Shape,
): readonly VirtualHostPlan[] {
  const claimed = new Set<string>();
  return nearestFirst(sets, context.client.namespace).flatMap((set) =>
    (set.http.length === 0 ? [] : set.hosts).flatMap((host) => {
      if (claimed.has(host) || hasService(context.imports, host)) return [];
      const routes = planRoutes(set.http, siteFor(context, set, 80));
      if (routes.length === 0) return [];
      claimed.add(host);
      return [
        {
          name: `${host}:80`,
          domains: shape.withPort && host !== "*" ? [host, `${host}:80`] : [host],
          routes,
          requireTls: false,
          includeAttemptCount: true,
          origins: [set.origin],
        },
      ];
    }),
  );
}

function hasService({ services, aliases }: Imports, host: string): boolean {
  const covered = ({ hostname }: MeshService) => hostCovers(host, hostname);
  const among = host.startsWith("*") ? services.some(covered) : hostnamesOf(services).has(host);
  return among || [...aliases.values()].some((names) => names.some(covered));
}

const hostnamesOf = memoizeByIdentity(
  (services: readonly MeshService[]): ReadonlySet<string> =>
    new Set(services.map(({ hostname }) => hostname)),
);

/** As `namesOf`, for a client in this namespace. */
function domainsOf(
  service: MeshService,
  port: number,
  clientNamespace: string,
  withPort: boolean,
): readonly string[] {
  const bare = isBare(service, port, withPort);
  return namesOf(service, port, service.namespace === clientNamespace, bare, withPort);
}

/** Without a port, http means 80; a service with one HTTP port alone may also be called without. */
function isBare(service: MeshService, port: number, withPort: boolean): boolean {
  return !withPort || port === 80 || !hasSeveralHttpPorts(service);
}

function hasSeveralHttpPorts(service: MeshService): boolean {
  return service.ports.filter(({ protocol }) => isHttp(protocol)).length > 1;
}
