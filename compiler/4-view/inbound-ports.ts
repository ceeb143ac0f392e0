// The ports on which a workload serves, found from the services that it belongs to.

import { targetPort } from "../3-mesh/endpoints.ts";
import type { Mesh } from "../3-mesh/mesh.ts";
import { selects } from "../model/labels.ts";
import { memoizeByIdentity } from "../model/memo.ts";
import type { MeshService, Protocol, ServicePort, Workload } from "../model/service.ts";
import type { MeshProxy } from "./proxy.ts";

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
  const { selecting, listing } = indexServices(mesh);
  const selected = (selecting.get(proxy.namespace) ?? []).filter(
    (service) => service.selector && selects(service.selector, proxy.labels),
  );
  const listed = proxy.ip === "" ? [] : (listing.get(`${proxy.namespace}/${proxy.ip}`) ?? []);
  return [...selected, ...listed].sort(
    (a, b) => Number(a.registry !== "kubernetes") - Number(b.registry !== "kubernetes"),
  );
}

/** Those with a selector by namespace, the others by `namespace/address` of their endpoints. */
const indexServices = memoizeByIdentity((mesh: Mesh) => {
  const selecting = new Map<string, MeshService[]>();
  const listing = new Map<string, MeshService[]>();
  const add = (index: Map<string, MeshService[]>, key: string, service: MeshService): void => {
    const list = index.get(key);
    if (list) list.push(service);
    else index.set(key, [service]);
  };
  for (const service of mesh.services) {
    const { namespace, ports, selector } = service;
    if (selector) add(selecting, namespace, service);
    else {
      const addresses = ports.flatMap(({ number }) =>
        mesh.endpointsOf(service, number).map(({ address }) => address),
      );
      for (const address of new Set(addresses)) add(listing, `${namespace}/${address}`, service);
    }
  }
  return { selecting, listing };
});

/** The workload behind a proxy, as the files describe it; otherwise one made of what the proxy says of itself. */
export function workloadOf(mesh: Mesh, proxy: MeshProxy): Workload {
  const near = mesh.workloads.filter(({ namespace }) => namespace === proxy.namespace);
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
