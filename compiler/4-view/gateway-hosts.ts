// Virtual hosts of a gateway's route tables: route sets bound to the gateway, cut down to what its servers accept.

import type { GatewayConfig, GatewayServer } from "../model/gateway.ts";
import { hostsOverlap, narrowerHost } from "../model/host.ts";
import { isVisible } from "../model/labels.ts";
import type { RouteSet } from "../model/routes.ts";
import { resolveDestination } from "./destinations.ts";
import type { RoutePlan, RouteTablePlan, VirtualHostPlan } from "./plan/index.ts";
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
  const hosts = new Map<string, { routes: RoutePlan[]; requireTls: boolean; sets: RouteSet[] }>();
  const hostAt = (host: string) => {
    const known = hosts.get(host);
    if (known) return known;
    const made = { routes: [], requireTls: false, sets: [] };
    hosts.set(host, made);
    return made;
  };
  for (const bound of servers) {
    const redirects = bound.server.tls?.httpsRedirect ?? false;
    for (const set of setsBoundTo(context, bound)) {
      const routes = planRoutes(set.http, siteFor(context, set, bound));
      if (routes.length === 0) continue;
      for (const host of acceptedHosts(bound, set)) {
        const virtualHost = hostAt(host);
        if (virtualHost.sets.includes(set)) continue;
        virtualHost.sets.push(set);
        virtualHost.routes.push(...routes);
        virtualHost.requireTls ||= redirects;
      }
    }
    if (redirects) for (const { host } of bound.server.hosts) hostAt(host).requireTls = true;
  }
  const port = servers[0]?.server.port.number ?? 0;
  const virtualHosts = [...hosts.entries()]
    .map(
      ([host, { routes, requireTls, sets }]): VirtualHostPlan => ({
        name: `${host}:${port}`,
        domains: [host],
        routes: joinRoutes(routes),
        requireTls,
        includeAttemptCount: true,
        origins: [...servers.map(({ gateway }) => gateway.origin), ...sets.map(({ origin }) => origin)],
      }),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    name,
    virtualHosts: virtualHosts.length > 0 ? virtualHosts : [blackHole(port)],
    ignorePortInHost: true,
    origins: servers.map(({ gateway }) => gateway.origin),
  };
}

/** Nothing is routed here: 404, as an Envoy without routes answers. */
function blackHole(port: number): VirtualHostPlan {
  return {
    name: `blackhole:${port}`,
    domains: ["*"],
    routes: [
      { name: "default", action: { type: "direct-response", status: 404 }, headers: noHeaders, origins: [] },
    ],
    requireTls: false,
    includeAttemptCount: false,
    origins: [],
  };
}

/** Route sets that name this gateway, may be seen by its proxy, and share a host with the server. */
export function setsBoundTo(context: TableContext, { gateway, server }: BoundServer): readonly RouteSet[] {
  return context.mesh.routeSets.filter(
    (set) =>
      set.gateways.includes(gateway.key) &&
      isVisible(set.visibility, context.client.namespace) &&
      set.hosts.some((host) => server.hosts.some((offered) => accepts(offered, set, host))),
  );
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
