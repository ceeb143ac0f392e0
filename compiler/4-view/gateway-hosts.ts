// Virtual hosts of a gateway's route tables: route sets bound to the gateway, cut down to what its servers accept. A host is
// planned from the sets that name it alone, so that one of thousands can be planned again.

import { filterItems, placesBy, placesByKeys, replaceItems } from "#immutable";
import { nearestFirst } from "../3-mesh/order.ts";
import type { GatewayConfig, GatewayServer } from "../model/gateway.ts";
import { hostsOverlap, narrowerHost } from "../model/host.ts";
import { isVisible } from "../model/labels.ts";
import { memoizeByIdentity, sameTree } from "../model/memo.ts";
import type { RouteSet } from "../model/routes.ts";
import { resolveDestination } from "./destinations.ts";
import { keepLists, keepPlans } from "./kept-plans.ts";
import type { RoutePlan, RouteTablePlan, VirtualHostPlan } from "./plan/index.ts";
import { byName } from "./plan-lists.ts";
import { joinRoutes, noHeaders, planRoutes, type RouteSite } from "./route-plans.ts";
import type { TableContext } from "./virtual-hosts.ts";

/** A server of a gateway, with the port that the listener really has. */
export interface BoundServer {
  readonly gateway: GatewayConfig;
  readonly server: GatewayServer;
}

/** One table for servers that share a listener chain. Routes of several sets for one host are joined, oldest first. */
export function planGatewayTable(
  context: TableContext,
  name: string,
  servers: readonly BoundServer[],
): RouteTablePlan {
  const hosts = planHosts(context, name, servers, hostsAt(context, servers));
  return tableOf(context, name, servers, byName([...hosts.values()]));
}

/** The table with some of its hosts planned again, which may have other routes now, or be new, or be gone. */
export function replanHosts(
  context: TableContext,
  { name, virtualHosts }: RouteTablePlan,
  servers: readonly BoundServer[],
  hosts: ReadonlySet<string>,
): RouteTablePlan {
  const planned = planHosts(context, name, servers, hosts);
  const places = placesOfHosts(virtualHosts);
  const placeOf = (host: string) => places.get(hostName(host, servers));
  if ([...hosts].every((host) => planned.has(host) === (placeOf(host) !== undefined))) {
    const items = [...planned].map(([host, plan]) => [placeOf(host) as number, plan] as const);
    return tableOf(context, name, servers, replaceItems(virtualHosts, new Map(items)), virtualHosts);
  }
  const others = new Set([...hosts].map((host) => hostName(host, servers)));
  const nothing = blackHole(portOf(servers));
  const staying = virtualHosts.filter((host) => host !== nothing && !others.has(host.name));
  return tableOf(context, name, servers, byName([...staying, ...planned.values()]));
}

const placesOfHosts = placesBy(({ name }: VirtualHostPlan) => name);

/** `instead`: the hosts that the table had, where these come from them by a step. */
function tableOf(
  { mesh, client }: TableContext,
  name: string,
  servers: readonly BoundServer[],
  hosts: readonly VirtualHostPlan[],
  instead?: readonly VirtualHostPlan[],
): RouteTablePlan {
  const some = hosts.length > 0 ? hosts : [blackHole(portOf(servers))];
  return table(
    keepHosts(mesh.config, client, name, some, instead),
    name,
    ...servers.map(({ gateway }) => gateway),
  );
}

const table = memoizeByIdentity(
  (
    virtualHosts: readonly VirtualHostPlan[],
    name: string,
    ...gateways: readonly GatewayConfig[]
  ): RouteTablePlan => ({
    name,
    virtualHosts,
    ignorePortInHost: true,
    origins: gateways.map(({ origin }) => origin),
  }),
);

// What comes out the same is the same object, for all gateways that are equal as clients and from mesh to mesh.
const keepHost = keepPlans<VirtualHostPlan>(sameTree);
const keepHosts = keepLists(({ name }: VirtualHostPlan) => name);

/** Nothing is routed here: 404, as an Envoy without routes answers. */
const blackHole = memoizeByIdentity(
  (port: number): VirtualHostPlan => ({
    name: `blackhole:${port}`,
    domains: ["*"],
    routes: [
      { name: "default", action: { type: "direct-response", status: 404 }, headers: noHeaders, origins: [] },
    ],
    requireTls: false,
    includeAttemptCount: false,
    origins: [],
  }),
);

function portOf([first]: readonly BoundServer[]): number {
  return first?.server.port.number ?? 0;
}

function hostName(host: string, servers: readonly BoundServer[]): string {
  return `${host}:${portOf(servers)}`;
}

/** Every host that the servers may have something to say of. */
function hostsAt(context: TableContext, servers: readonly BoundServer[]): ReadonlySet<string> {
  return new Set(
    servers.flatMap((bound) => [...bindingOf(context, bound).placesByHost.keys(), ...redirected(bound)]),
  );
}

/** Hosts of which plain requests are sent to HTTPS, whether there are routes for them or not. */
function redirected({ server }: BoundServer): readonly string[] {
  return server.tls?.httpsRedirect ? server.hosts.map(({ host }) => host) : [];
}

/** Those of the hosts that there is something to say of. */
function planHosts(
  context: TableContext,
  table: string,
  servers: readonly BoundServer[],
  hosts: ReadonlySet<string>,
): ReadonlyMap<string, VirtualHostPlan> {
  const planned = new Map<RouteSet, Map<BoundServer, readonly RoutePlan[]>>();
  // Once for all hosts of a set.
  const routesOf = (set: RouteSet, bound: BoundServer) =>
    planned
      .getOrInsertComputed(set, () => new Map())
      .getOrInsertComputed(bound, () => planRoutes(set.http, siteFor(context, set, bound)));
  const found = new Map<string, VirtualHostPlan>();
  for (const host of hosts) {
    const routes = new Map<RouteSet, readonly RoutePlan[]>();
    let requireTls = false;
    for (const bound of servers) {
      const { sets, placesByHost } = bindingOf(context, bound);
      const ofHost = (placesByHost.get(host) ?? []).flatMap((place) => sets[place] ?? []);
      for (const set of nearestFirst(ofHost, context.client.namespace)) {
        // The first server that has routes of a set for a host has them all.
        if (routes.has(set)) continue;
        const ofSet = routesOf(set, bound);
        if (ofSet.length === 0) continue;
        routes.set(set, ofSet);
        requireTls ||= bound.server.tls?.httpsRedirect ?? false;
      }
      requireTls ||= redirected(bound).includes(host);
    }
    if (routes.size === 0 && !requireTls) continue;
    const origins = [...servers.map(({ gateway }) => gateway), ...routes.keys()].map(({ origin }) => origin);
    const name = hostName(host, servers);
    const plan: VirtualHostPlan = {
      name,
      domains: [host],
      routes: joinRoutes([...routes.values()].flat()),
      requireTls,
      includeAttemptCount: true,
      origins,
    };
    found.set(host, keepHost(context.mesh.config, context.client, `${table} ${name}`, plan));
  }
  return found;
}

/** What a server has to route by. */
interface Binding {
  /** Route sets that name its gateway, may be seen by its proxy, and share a host with it; oldest first. */
  readonly sets: readonly RouteSet[];
  /** Places of sets, by the hosts that they and the server have in common. */
  readonly placesByHost: ReadonlyMap<string, readonly number[]>;
}

function bindingOf({ mesh, client }: TableContext, { gateway, server }: BoundServer): Binding {
  return bindings(gateway, server, client.namespace)(mesh.routeSets);
}

/** Of the route sets of a mesh only those are looked at that have changed. */
const bindings = memoizeByIdentity((gateway: GatewayConfig, server: GatewayServer, namespace: string) => {
  const bound = { gateway, server };
  const among = filterItems((set: RouteSet) => acceptedAt(bound, namespace, set).length > 0);
  const placesByHost = placesByKeys((set: RouteSet) => acceptedHosts(bound, set));
  return memoizeByIdentity((routeSets: readonly RouteSet[]): Binding => {
    const sets = among(routeSets);
    return { sets, placesByHost: placesByHost(sets) };
  });
});

export function setsBoundTo(context: TableContext, bound: BoundServer): readonly RouteSet[] {
  return nearestFirst(bindingOf(context, bound).sets, context.client.namespace);
}

/** The hosts for which the server takes routes of a set; none where the set is not for it. */
export function hostsTakenFrom(
  { client }: TableContext,
  bound: BoundServer,
  set: RouteSet,
): readonly string[] {
  return acceptedAt(bound, client.namespace, set);
}

function acceptedAt(bound: BoundServer, namespace: string, set: RouteSet): readonly string[] {
  const { gateways, visibility } = set;
  if (!gateways.includes(bound.gateway.key) || !isVisible(visibility, namespace)) return [];
  return acceptedHosts(bound, set);
}

function accepts(
  offered: { readonly namespace: string; readonly host: string },
  set: RouteSet,
  host: string,
): boolean {
  return (
    (offered.namespace === "*" || offered.namespace === set.namespace) && hostsOverlap(offered.host, host)
  );
}

/** What a set's hosts and a server's hosts have in common. */
export function acceptedHosts(bound: BoundServer, set: RouteSet): readonly string[] {
  return acceptedNames(bound, set, set.hosts);
}

/** What names of a set (its hosts, or SNI values of one of its rules) and a server's hosts have in common. */
export function acceptedNames(
  { server }: BoundServer,
  set: RouteSet,
  names: readonly string[],
): readonly string[] {
  const found = new Set<string>();
  for (const host of names) {
    for (const offered of server.hosts) {
      if (accepts(offered, set, host)) found.add(narrowerHost(offered.host, host));
    }
  }
  return [...found].sort();
}

function siteFor(context: TableContext, set: RouteSet, { gateway, server }: BoundServer): RouteSite {
  const { mesh, client, imports } = context;
  return {
    gateway: gateway.key,
    setGateways: set.gateways,
    port: server.port.number,
    clientNamespace: client.namespace,
    clientLabels: client.labels,
    config: mesh.config,
    resolve: (destination, port) =>
      resolveDestination(mesh, client, imports.serviceByHost, destination, port),
  };
}
