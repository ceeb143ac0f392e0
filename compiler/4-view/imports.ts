// What part of the mesh a client sees: services and routes exported to it, narrowed by the egress hosts of its scope.

import type { Mesh } from "../3-mesh/mesh.ts";
import { hostCovers, hostsOverlap } from "../model/host.ts";
import { isVisible } from "../model/labels.ts";
import { memoizeByIdentity } from "../model/memo.ts";
import type { RouteSet } from "../model/routes.ts";
import type { ScopeEgress } from "../model/scope.ts";
import type { MeshService } from "../model/service.ts";
import type { Client } from "./client.ts";

export interface Imports {
  /** One per host name, sorted by it. */
  readonly services: readonly MeshService[];
  readonly serviceByHost: ReadonlyMap<string, MeshService>;
  /** Sets for sidecars (`mesh`), oldest first. */
  readonly routeSets: readonly RouteSet[];
}

type EgressHosts = ScopeEgress["hosts"];

/** Everything a client may name. For a router there is no scope, and route sets are chosen by gateway instead. */
export const importsOf = memoizeByIdentity((mesh: Mesh, client: Client): Imports => {
  const hosts = client.scope?.egress?.flatMap((egress) => egress.hosts);
  return importHosts(mesh, client, hosts);
});

/** What one egress listener of a scope offers. */
export const importsOfEgress = memoizeByIdentity(
  (mesh: Mesh, client: Client, egress: readonly ScopeEgress[]): Imports =>
    importHosts(
      mesh,
      client,
      egress.flatMap(({ hosts }) => hosts),
    ),
);

function importHosts(mesh: Mesh, client: Client, hosts: EgressHosts | undefined): Imports {
  const visible = visibleServices(mesh, client.namespace);
  const routeSets = visibleRoutes(mesh, client.namespace).filter(
    (set) =>
      !hosts ||
      hosts.some(
        ({ namespace, host }) =>
          namespaceCovers(namespace, set.namespace) && set.hosts.some((each) => hostsOverlap(host, each)),
      ),
  );
  if (!hosts) return { services: [...visible.values()], serviceByHost: visible, routeSets };

  const chosen = new Map<string, MeshService>();
  for (const service of visible.values()) {
    if (
      hosts.some(
        ({ namespace, host }) =>
          namespaceCovers(namespace, service.namespace) && hostCovers(host, service.hostname),
      )
    ) {
      chosen.set(service.hostname, service);
    }
  }
  // A route may lead to a service that the scope does not list; without its cluster the route would be dead.
  for (const host of routeSets.flatMap(destinationHosts)) {
    const service = visible.get(host);
    if (service) chosen.set(host, service);
  }
  const services = [...chosen.values()].sort((a, b) => (a.hostname < b.hostname ? -1 : 1));
  return { services, serviceByHost: chosen, routeSets };
}

function namespaceCovers(pattern: string, namespace: string): boolean {
  return pattern === "*" || pattern === namespace;
}

export function destinationHosts(set: RouteSet): readonly string[] {
  const http = set.http.flatMap((rule) => [
    ...(rule.action.type === "forward" ? rule.action.destinations.map((each) => each.destination.host) : []),
    ...rule.mirrors.map((mirror) => mirror.destination.host),
  ]);
  const l4 = [...set.tls, ...set.tcp].flatMap((rule) =>
    rule.destinations.map((each) => each.destination.host),
  );
  return [...http, ...l4];
}

/** One service per host: the namespace's own, else Kubernetes' before other registries', else the oldest. */
export const visibleServices = memoizeByIdentity(
  (mesh: Mesh, namespace: string): ReadonlyMap<string, MeshService> => {
    const chosen = new Map<string, MeshService>();
    for (const [host, candidates] of mesh.servicesByHost) {
      const visible = candidates.filter(
        (service) => service.namespace === namespace || isVisible(service.visibility, namespace),
      );
      const service =
        visible.find((each) => each.namespace === namespace) ??
        visible.find((each) => each.registry === "kubernetes") ??
        visible[0];
      if (service && isVisible(service.visibility, namespace)) chosen.set(host, service);
    }
    return chosen;
  },
);

const visibleRoutes = memoizeByIdentity((mesh: Mesh, namespace: string): readonly RouteSet[] =>
  mesh.routeSets.filter((set) => isVisible(set.visibility, namespace) && set.gateways.includes("mesh")),
);
