// From a destination in a rule to the cluster that a client has for it.

import type { Mesh } from "../3-mesh/mesh.ts";
import type { DestinationPolicy, HashKey, Subset } from "../model/destination.ts";
import { mostSpecificHost } from "../model/host.ts";
import { memoizeByIdentity } from "../model/memo.ts";
import { outboundCluster } from "../model/names.ts";
import type { Origin } from "../model/origin.ts";
import type { Destination } from "../model/routes.ts";
import type { MeshService, ServicePort } from "../model/service.ts";
import type { Caller } from "./caller.ts";
import type { Client } from "./client.ts";
import { hashKeyFor, policyFor, trafficFor } from "./traffic-policy.ts";
import { namesProtocolPerRequest } from "./upstream-protocol.ts";

/** What a destination comes to for one client: a cluster that it has, and how requests are to be sent there. */
export interface ResolvedDestination {
  readonly cluster: string;
  readonly hash?: HashKey;
  /** As in `ClusterTarget`. */
  readonly alpnFromRequest: boolean;
  /** Absent: none. */
  readonly idleTimeoutMs?: number;
  readonly origins: readonly Origin[];
}

/** The port a destination means: the one it names, the service's only one, or the listener's. */
function destinationPort(
  service: MeshService,
  destination: Destination,
  listenerPort: number,
): ServicePort | undefined {
  const [only, second] = service.ports;
  if (destination.port === undefined && only && !second) return only;
  return service.ports.find(({ number }) => number === (destination.port ?? listenerPort));
}

/** Undefined when the client knows no such service, port or subset. */
export function resolveDestination(
  mesh: Mesh,
  client: Client,
  services: ReadonlyMap<string, MeshService>,
  destination: Destination,
  listenerPort: number,
): ResolvedDestination | undefined {
  const service = serviceFor(services, destination.host);
  const port = service && destinationPort(service, destination, listenerPort);
  if (!service || port === undefined) return undefined;
  const policy = policyFor(mesh, client, service);
  if (destination.subset === undefined) return resolveWith(mesh, client, service, port, policy, undefined);
  const subset = policy?.subsets.find(({ name }) => name === destination.subset);
  return subset && resolveWith(mesh, client, service, port, policy, subset);
}

/** One host among those that a wildcard service stands for is reached by way of that service. */
function serviceFor(services: ReadonlyMap<string, MeshService>, host: string): MeshService | undefined {
  const exact = services.get(host);
  if (exact) return exact;
  return services.get(mostSpecificHost(wildcardsOf(services), host) ?? "");
}

const wildcardsOf = memoizeByIdentity((services: ReadonlyMap<string, MeshService>): readonly string[] =>
  [...services.keys()].filter((name) => name.startsWith("*")),
);

export function resolvePort(
  mesh: Mesh,
  client: Client,
  service: MeshService,
  port: ServicePort,
): ResolvedDestination {
  return resolveWith(mesh, client, service, port, policyFor(mesh, client, service), undefined);
}

/** Where it is already known which policy the client applies. */
export function resolveWith(
  mesh: Pick<Mesh, "config">,
  client: Caller,
  service: MeshService,
  port: ServicePort,
  policy: DestinationPolicy | undefined,
  subset: Subset | undefined,
): ResolvedDestination {
  const traffic = trafficFor(mesh, policy, subset, port.number);
  const hash = hashKeyFor(traffic);
  const idleTimeoutMs = traffic.connectionPool?.tcp.idleTimeoutMs;
  return {
    cluster: outboundCluster(port.number, subset?.name, service.hostname),
    ...(hash ? { hash } : {}),
    alpnFromRequest: namesProtocolPerRequest(client, service, port, traffic, mesh.config),
    ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs }),
    origins: [...(policy ? [policy.origin] : []), ...(subset ? [subset.origin] : [])],
  };
}
