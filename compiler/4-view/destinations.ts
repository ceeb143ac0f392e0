// From a destination in a rule to the cluster that a client has for it.

import type { Mesh } from "../3-mesh/mesh.ts";
import { outboundCluster } from "../model/names.ts";
import type { Destination } from "../model/routes.ts";
import type { MeshService } from "../model/service.ts";
import type { Client } from "./client.ts";
import type { ResolvedDestination } from "./route-plans.ts";
import { hashKeyFor, policyFor, trafficFor } from "./traffic-policy.ts";

/** The port a destination means: the one it names, the service's only one, or the listener's. */
export function destinationPort(
  service: MeshService,
  destination: Destination,
  listenerPort: number,
): number | undefined {
  if (destination.port !== undefined) {
    return service.ports.some(({ number }) => number === destination.port) ? destination.port : undefined;
  }
  const [only, second] = service.ports;
  if (only && !second) return only.number;
  return service.ports.some(({ number }) => number === listenerPort) ? listenerPort : undefined;
}

/** Undefined when the client knows no such service, port or subset. */
export function resolveDestination(
  mesh: Mesh,
  client: Client,
  services: ReadonlyMap<string, MeshService>,
  destination: Destination,
  listenerPort: number,
): ResolvedDestination | undefined {
  const service = services.get(destination.host);
  const port = service && destinationPort(service, destination, listenerPort);
  if (!service || port === undefined) return undefined;
  const policy = policyFor(mesh, client, service);
  const subset = policy?.subsets.find(({ name }) => name === destination.subset);
  if (destination.subset !== undefined && !subset) return undefined;
  const hash = hashKeyFor(trafficFor(mesh, policy, subset, port));
  return {
    cluster: outboundCluster(port, subset?.name, service.hostname),
    ...(hash ? { hash } : {}),
    origins: [...(policy ? [policy.origin] : []), ...(subset ? [subset.origin] : [])],
  };
}
