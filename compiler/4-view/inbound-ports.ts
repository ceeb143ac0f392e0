// The ports on which a workload serves, found from the services that it belongs to.

import { type LayeredMap, layeredMap, lookUp, withEntries } from "#immutable";
import { targetPort, workloadsByNamespace } from "../3-mesh/endpoints.ts";
import type { Mesh } from "../3-mesh/mesh.ts";
import { selects } from "../model/labels.ts";
import { memoizeByIdentity } from "../model/memo.ts";
import type { MeshConfig } from "../model/mesh-config.ts";
import type { MeshService, Protocol, ServicePort, Workload } from "../model/service.ts";
import type { MeshProxy } from "./proxy.ts";
import { type Advance, stepwise } from "./stepwise.ts";

export interface InboundPort {
  /** What the workload listens on. */
  readonly port: number;
  readonly protocol: Protocol;
  readonly service: MeshService;
  readonly servicePort: ServicePort;
}

/** One per port, lowest first. The first service (Kubernetes' first, then oldest) says what its protocol is. */
export function inboundPorts(mesh: Mesh, proxy: MeshProxy): readonly InboundPort[] {
  const self = workloadOf(mesh, proxy);
  const found = new Map<number, InboundPort>();
  for (const service of servicesOf(mesh, proxy)) {
    for (const servicePort of service.ports) {
      if (servicePort.protocol === "udp") continue;
      const own = mesh
        .endpointsOf(service, servicePort.number)
        .find(({ address }) => proxy.ip !== "" && address === proxy.ip);
      const port = own?.port ?? targetPort(service, servicePort, self);
      if (port === undefined || found.has(port)) continue;
      found.set(port, { port, protocol: servicePort.protocol, service, servicePort });
    }
  }
  return [...found.values()].sort((a, b) => a.port - b.port);
}

/** Services that select this workload, or that list its address. */
export function servicesOf(mesh: Mesh, proxy: MeshProxy): readonly MeshService[] {
  const selected = (selectingServices(mesh.services).get(proxy.namespace) ?? []).filter(
    (service) => service.selector && selects(service.selector, proxy.labels),
  );
  const listed =
    proxy.ip === ""
      ? []
      : (lookUp(listingServices(mesh, mesh.config), `${proxy.namespace}/${proxy.ip}`) ?? []);
  return [...selected, ...listed].sort(
    (a, b) => Number(a.registry !== "kubernetes") - Number(b.registry !== "kubernetes"),
  );
}

const selectingServices = memoizeByIdentity(
  (services: readonly MeshService[]): ReadonlyMap<string, readonly MeshService[]> =>
    Map.groupBy(
      services.filter(({ selector }) => selector),
      ({ namespace }) => namespace,
    ),
);

/** Services without a selector, by `namespace/address` of their endpoints, each list in the order of the mesh. */
type Listing = LayeredMap<readonly MeshService[]>;

const listingServices = stepwise(
  (mesh: Mesh, _config: MeshConfig): Listing => layeredMap(listed(mesh, mesh.services)),
  ({ before, after, step, planned }: Advance<Listing>) =>
    [...step.endpoints.union(step.services)].reduce(
      (listing, host) => relist(listing, before, after, host),
      planned,
    ),
);

/** With the services of a host as they are listed now. */
function relist(listing: Listing, before: Mesh, after: Mesh, host: string): Listing {
  const listedAt = (mesh: Mesh) => listed(mesh, mesh.servicesByHost.get(host) ?? []);
  const [was, is] = [listedAt(before), listedAt(after)];
  const old = new Set([...was.values()].flat());
  return withEntries(
    listing,
    [...new Set([...was.keys(), ...is.keys()])].map((key) => {
      const others = (lookUp(listing, key) ?? []).filter((each) => !old.has(each));
      const all = inMeshOrder(after, [...others, ...(is.get(key) ?? [])]);
      return [key, all.length === 0 ? undefined : all] as const;
    }),
  );
}

function listed(mesh: Mesh, services: readonly MeshService[]): ReadonlyMap<string, readonly MeshService[]> {
  const found = new Map<string, MeshService[]>();
  for (const service of services) {
    for (const key of addressKeys(mesh, service)) found.getOrInsertComputed(key, () => []).push(service);
  }
  return found;
}

function inMeshOrder({ services }: Mesh, some: readonly MeshService[]): readonly MeshService[] {
  return some.length < 2 ? some : services.filter((service) => some.includes(service));
}

function addressKeys(mesh: Mesh, service: MeshService): readonly string[] {
  if (service.selector) return [];
  const addresses = service.ports.flatMap(({ number }) =>
    mesh.endpointsOf(service, number).map(({ address }) => address),
  );
  return [...new Set(addresses)].map((address) => `${service.namespace}/${address}`);
}

/** The workload behind a proxy, as the files describe it; otherwise one made of what the proxy says of itself. */
export function workloadOf(mesh: Mesh, proxy: MeshProxy): Workload {
  const near = workloadsByNamespace(mesh.workloads).get(proxy.namespace) ?? [];
  const written =
    near.find(({ name }) => name === proxy.name) ??
    near.find(({ addresses }) => proxy.ip !== "" && addresses.includes(proxy.ip));
  return (
    written ?? {
      name: proxy.name,
      namespace: proxy.namespace,
      source: "entry",
      addresses: proxy.ip === "" ? [] : [proxy.ip],
      labels: proxy.labels,
      annotations: {},
      serviceAccount: proxy.serviceAccount,
      ports: {},
      weight: 0,
      ready: true,
      mtls: proxy.hasIdentity,
      origin: {
        kind: "Proxy",
        namespace: proxy.namespace,
        name: proxy.name,
        position: { file: "", line: 1, column: 1, length: 0 },
      },
    }
  );
}
