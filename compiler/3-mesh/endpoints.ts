// Joins services with what serves them: Kubernetes endpoint objects, selected workloads, or endpoints written inline.

import { isIP } from "../model/address.ts";
import { selects } from "../model/labels.ts";
import { internLists, memoizeByIdentity } from "../model/memo.ts";
import type { Endpoint, EndpointSet, MeshService, ServicePort, Workload } from "../model/service.ts";

export interface EndpointInputs {
  readonly endpointSets: readonly EndpointSet[];
  readonly workloads: readonly Workload[];
  /** Services that were merged into one: each brings the endpoints of the ports it has. */
  readonly parts: ReadonlyMap<MeshService, readonly MeshService[]>;
}

/** A function from (service, port) to its endpoints, given everything that may be one. */
export function joinEndpoints(
  inputs: EndpointInputs,
): (service: MeshService, port: number) => readonly Endpoint[] {
  const sets = groupBy(inputs.endpointSets, (set) => `${set.namespace}/${set.serviceName}`);
  const byNamespace = groupBy(inputs.workloads, (workload) => workload.namespace);
  const addressed = inputs.workloads
    .filter(({ source }) => source !== "template")
    .flatMap((workload) =>
      workload.addresses.map((address) => ({ workload, key: `${workload.namespace}/${address}` })),
    );
  const byAddress = groupBy(addressed, ({ key }) => key);
  const selected = new Map<MeshService, readonly Workload[]>();
  const workloadsOf = (service: MeshService): readonly Workload[] => {
    const known = selected.get(service);
    if (known) return known;
    const { selector } = service;
    const found = internWorkloads(
      selector
        ? (byNamespace.get(service.namespace) ?? []).filter(
            (workload) => workload.source !== "template" && selects(selector, workload.labels),
          )
        : service.endpoints,
    );
    selected.set(service, found);
    return found;
  };

  const find = (service: MeshService, portNumber: number): readonly Endpoint[] => {
    const parts = inputs.parts.get(service);
    if (parts) return united(internEndpoints(parts.flatMap((part) => find(part, portNumber))));
    const port = service.ports.find(({ number }) => number === portNumber);
    if (!port) return [];
    const ownSets =
      service.registry === "kubernetes" ? sets.get(`${service.namespace}/${service.name}`) : undefined;
    if (ownSets) {
      const pods = internWorkloads(
        ownSets.flatMap((set) =>
          set.endpoints.flatMap((endpoint) =>
            endpoint.addresses.flatMap((address) =>
              (byAddress.get(`${service.namespace}/${address}`) ?? []).map(({ workload }) => workload),
            ),
          ),
        ),
      );
      const listed = fromSets(service, port, internSets(ownSets), pods);
      // Kubernetes lists pods alone; what else the service selects is the mesh's business.
      const entries = workloadsOf(service).filter(({ source }) => source === "entry");
      if (entries.length === 0) return listed;
      return join(listed, fromWorkloads(service, port, internWorkloads(entries)));
    }
    return fromWorkloads(service, port, workloadsOf(service));
  };
  // Every proxy asks again.
  const answers = new Map<MeshService, Map<number, readonly Endpoint[]>>();
  return (service, portNumber) => {
    const ofService = answers.get(service) ?? new Map<number, readonly Endpoint[]>();
    const known = ofService.get(portNumber);
    if (known) return known;
    const found = find(service, portNumber);
    answers.set(service, ofService.set(portNumber, found));
    return found;
  };
}

const internEndpoints = internLists<Endpoint>();

/** Each address and port once. */
const united = memoizeByIdentity((endpoints: readonly Endpoint[]): readonly Endpoint[] => {
  const distinct = new Map<string, Endpoint>();
  for (const each of endpoints) {
    const key = `${each.address}:${each.port}`;
    if (!distinct.has(key)) distinct.set(key, each);
  }
  return [...distinct.values()].sort(compareEndpoints);
});

const join = memoizeByIdentity(
  (listed: readonly Endpoint[], selected: readonly Endpoint[]): readonly Endpoint[] =>
    [...listed, ...selected].sort(compareEndpoints),
);

const internWorkloads = internLists<Workload>();
const internSets = internLists<EndpointSet>();

const fromWorkloads = memoizeByIdentity(
  (service: MeshService, port: ServicePort, workloads: readonly Workload[]): readonly Endpoint[] => {
    const inline = workloads.length === 0 && !service.selector && dnsHost(service);
    const sources = inline ? [inline] : workloads;
    return sources
      .filter((workload) => workload.ready || service.publishNotReady)
      .flatMap((workload) => {
        const number = targetPort(service, port, workload);
        if (number === undefined) return [];
        return workload.addresses
          .filter((address) => canReach(service, address))
          .map((address) => endpoint(workload, address, number, "healthy"));
      })
      .sort(compareEndpoints);
  },
);

/** Only a service that is looked up in DNS can have names among its endpoints. */
export function canReach({ resolution }: MeshService, address: string): boolean {
  return resolution !== "static" || isIP(address) || address.startsWith("unix://");
}

const fromSets = memoizeByIdentity(
  (
    service: MeshService,
    port: ServicePort,
    sets: readonly EndpointSet[],
    pods: readonly Workload[],
  ): readonly Endpoint[] => {
    const podsAt = groupBy(
      pods.flatMap((pod) => pod.addresses.map((address) => ({ pod, address }))),
      ({ address }) => address,
    );
    // Pods on their host's network share its address: the one that is named, else the first of them.
    const podAt = (address: string, name: string | undefined) => {
      const there = podsAt.get(address) ?? [];
      return (there.find(({ pod }) => pod.name === name) ?? there[0])?.pod;
    };
    const seen = new Map<string, Endpoint>();
    const alone = service.ports.length === 1;
    for (const set of sets) {
      const byName = set.ports.find(({ name }) => name === port.name);
      const number = (byName ?? (alone && set.ports.length === 1 ? set.ports[0] : undefined))?.number;
      if (number === undefined) continue;
      for (const { addresses, state, pod: podName, zone, nodeName } of set.endpoints) {
        if (state === "not-ready" && !service.publishNotReady) continue;
        for (const address of addresses) {
          const pod = podAt(address, podName);
          const unknown: Workload = {
            name: "",
            namespace: service.namespace,
            source: "pod",
            addresses: [address],
            labels: {},
            annotations: {},
            serviceAccount: "",
            ports: {},
            ...(zone ? { locality: { region: "", zone, subzone: "" } } : {}),
            ...(nodeName ? { nodeName } : {}),
            weight: 0,
            ready: true,
            mtls: false,
            origin: set.origin,
          };
          const made = endpoint(
            pod ?? unknown,
            address,
            number,
            state === "draining" ? "draining" : "healthy",
          );
          // While an endpoint moves between sets it stands in both: it counts as what it does best.
          const key = `${address}:${number}`;
          if (seen.get(key)?.state !== "healthy") seen.set(key, made);
        }
      }
    }
    return [...seen.values()].sort(compareEndpoints);
  },
);

/** A DNS service without endpoints is found under its own name (ExternalName: under the name it stands for). */
function dnsHost(service: MeshService): Workload | undefined {
  if (service.resolution !== "dns" && service.resolution !== "dns-round-robin") return undefined;
  return {
    name: "",
    namespace: service.namespace,
    source: "inline",
    addresses: [service.externalName ?? service.hostname],
    labels: {},
    annotations: {},
    serviceAccount: "",
    ports: {},
    weight: 0,
    ready: true,
    mtls: false,
    origin: service.origin,
  };
}

/**
 * Istio's order: the workload's own port of the same name, a target number, the port that the target names. Kubernetes
 * does not know the first for its services and pods.
 */
export function targetPort(service: MeshService, port: ServicePort, workload: Workload): number | undefined {
  const isPod = workload.source === "pod" || workload.source === "template";
  const override = isPod && service.registry === "kubernetes" ? undefined : workload.ports[port.name];
  if (override !== undefined) return override;
  if (typeof port.target === "number") return port.target;
  return workload.ports[port.target] ?? (isPod ? undefined : port.number);
}

function endpoint(workload: Workload, address: string, port: number, state: Endpoint["state"]): Endpoint {
  return {
    address,
    port: address.startsWith("unix://") ? 0 : port,
    labels: workload.labels,
    namespace: workload.namespace,
    workload: workload.name,
    serviceAccount: workload.serviceAccount,
    ...(workload.locality ? { locality: workload.locality } : {}),
    ...(workload.network ? { network: workload.network } : {}),
    weight: workload.weight,
    mtls: workload.mtls,
    state,
    origin: workload.origin,
  };
}

function compareEndpoints(a: Endpoint, b: Endpoint): number {
  return a.address < b.address ? -1 : a.address > b.address ? 1 : a.port - b.port;
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}
