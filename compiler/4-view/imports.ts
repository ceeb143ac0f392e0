// What part of the mesh a client sees: services and routes exported to it, narrowed by the egress hosts of its scope.

import { filterItems } from "#immutable";
import type { Mesh } from "../3-mesh/mesh.ts";
import { preferredService } from "../3-mesh/order.ts";
import { hostCovers, hostsOverlap } from "../model/host.ts";
import { isVisible } from "../model/labels.ts";
import { keepEqual, memoizeByIdentity } from "../model/memo.ts";
import type { RouteSet } from "../model/routes.ts";
import type { ScopeEgress } from "../model/scope.ts";
import type { MeshService } from "../model/service.ts";
import type { Client } from "./client.ts";
import { destinationHosts } from "./leading-routes.ts";

export interface Imports {
  /** What the client may call by name, one per host name, sorted by it. */
  readonly services: readonly MeshService[];
  /** What it has clusters for: those, and what routes lead to. */
  readonly serviceByHost: ReadonlyMap<string, MeshService>;
  /** Other names of a service, by its host: services that only stand for it. Under those hosts it is in `serviceByHost`. */
  readonly aliases: ReadonlyMap<string, readonly MeshService[]>;
  /** Sets for sidecars (`mesh`), oldest first. */
  readonly routeSets: readonly RouteSet[];
}

/** What it has clusters for, each once. */
export const reachableServices = memoizeByIdentity(
  (serviceByHost: Imports["serviceByHost"]): readonly MeshService[] => [...new Set(serviceByHost.values())],
);

type EgressHosts = ScopeEgress["hosts"];

/** What of a mesh decides what is seen: every mesh that has the same is seen alike. */
type Offers = Pick<Mesh, "servicesByHost" | "routeSets">;

/** Everything a client may name. For a router there is no scope, and route sets are chosen by gateway instead. */
export function importsOf(mesh: Offers, client: Client): Imports {
  return importAll(mesh.servicesByHost, mesh.routeSets, client);
}

const importAll = memoizeByIdentity(
  (servicesByHost: Mesh["servicesByHost"], routeSets: Mesh["routeSets"], client: Client): Imports => {
    const hosts = client.scope?.egress?.flatMap((egress) => egress.hosts);
    return importHosts({ servicesByHost, routeSets }, client, hosts);
  },
);

/** What one egress listener of a scope offers. */
export function importsOfEgress(mesh: Offers, client: Client, egress: readonly ScopeEgress[]): Imports {
  return importHosts(
    mesh,
    client,
    egress.flatMap(({ hosts }) => hosts),
  );
}

function importHosts(mesh: Offers, client: Client, hosts: EgressHosts | undefined): Imports {
  const visible = visibleServices(mesh.servicesByHost, client.namespace);
  const covers = (pattern: string, namespace: string) =>
    pattern === "*" || namespace === (pattern === "." ? client.namespace : pattern);
  const toSidecars = visibleRoutes(client.namespace)(mesh.routeSets);
  if (!hosts) return { ...withAliases(visible, visible, visible), routeSets: toSidecars };
  const routeSets = toSidecars.filter((set) =>
    hosts.some(
      ({ namespace, host }) =>
        covers(namespace, set.namespace) && set.hosts.some((each) => hostsOverlap(host, each)),
    ),
  );

  const chosen = new Map<string, MeshService>();
  for (const [hostname, candidates] of mesh.servicesByHost) {
    const namespaces = hosts.filter(({ host }) => hostCovers(host, hostname));
    if (namespaces.length === 0) continue;
    const offered = candidates.filter((service) =>
      namespaces.some(({ namespace }) => covers(namespace, service.namespace)),
    );
    const service = preferredService(offered, client.namespace);
    if (service) chosen.set(hostname, service);
  }
  // A route may lead to a service that the scope does not list. Without its cluster the route would be dead; but only
  // by way of that route may the client reach it.
  const reachable = new Map(chosen);
  for (const host of routeSets.flatMap(destinationHosts)) {
    const service = reachable.has(host) ? undefined : visible.get(host);
    if (service) reachable.set(host, service);
  }
  return { ...withAliases(chosen, reachable, visible), routeSets };
}

/**
 * A service that stands for another one of the mesh becomes a name of that one, so that mutual TLS and policy hold
 * whatever it is called by. One that stands for a host outside stays a service of its own.
 */
const withAliases = memoizeByIdentity(joinAliases);

function joinAliases(
  chosen: ReadonlyMap<string, MeshService>,
  reachable: ReadonlyMap<string, MeshService>,
  visible: ReadonlyMap<string, MeshService>,
): Omit<Imports, "routeSets"> {
  if (![...reachable.values()].some(({ externalName }) => externalName !== undefined)) {
    return { services: [...chosen.values()].sort(byHostname), serviceByHost: reachable, aliases: new Map() };
  }
  const services = new Map(chosen);
  const serviceByHost = new Map(reachable);
  const aliases = new Map<string, MeshService[]>();
  for (const alias of reachable.values()) {
    const target = targetOf(alias, visible);
    if (!target) continue;
    services.delete(alias.hostname);
    serviceByHost.set(alias.hostname, target).set(target.hostname, target);
    if (!chosen.has(alias.hostname)) continue;
    services.set(target.hostname, target);
    const names = aliases.get(target.hostname);
    if (names) names.push(alias);
    else aliases.set(target.hostname, [alias]);
  }
  return { services: [...services.values()].sort(byHostname), serviceByHost, aliases };
}

/** What an alias stands for in the end; undefined for other services, for outside hosts, and for circles. */
function targetOf(
  alias: MeshService,
  visible: ReadonlyMap<string, MeshService>,
  passed: ReadonlySet<string> = new Set(),
): MeshService | undefined {
  const { externalName, hostname } = alias;
  if (externalName === undefined || passed.has(hostname)) return undefined;
  const next = visible.get(externalName.replace(/\.$/, "").toLowerCase());
  return next?.externalName === undefined ? next : targetOf(next, visible, new Set([...passed, hostname]));
}

function byHostname(a: MeshService, b: MeshService): number {
  return a.hostname < b.hostname ? -1 : 1;
}

/** One service per host name, for clients without a scope and for gateways. The same map for namespaces that see the same. */
const visibleServices = memoizeByIdentity(
  (servicesByHost: Mesh["servicesByHost"], namespace: string): ReadonlyMap<string, MeshService> => {
    const chosen = new Map<string, MeshService>();
    for (const [host, candidates] of servicesByHost) {
      const service = preferredService(candidates, namespace);
      if (service) chosen.set(host, service);
    }
    return keepVisible(servicesByHost, "", chosen);
  },
);

const keepVisible = keepEqual<Mesh["servicesByHost"], ReadonlyMap<string, MeshService>>(
  (before, now) =>
    before.size === now.size && now.entries().every(([host, service]) => before.get(host) === service),
  { variants: 8 },
);

/** The very list of the mesh where all are visible, which most meshes come to. */
const visibleRoutes = memoizeByIdentity((namespace: string) =>
  filterItems((set: RouteSet) => reaches(set, namespace)),
);

/** Whether sidecars of a namespace take these routes, unless their scope leaves them out. */
export function reaches({ visibility, gateways }: RouteSet, namespace: string): boolean {
  return isVisible(visibility, namespace) && gateways.includes("mesh");
}
