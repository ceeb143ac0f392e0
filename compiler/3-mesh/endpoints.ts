// Joins services with what serves them: Kubernetes endpoint objects, selected workloads, or endpoints written inline.

import { type LayeredMap, layeredMap, lookUp, withEntries } from "#immutable";
import { isIP } from "../model/address.ts";
import { selects, valueAt } from "../model/labels.ts";
import { internLists, memoizeByIdentity } from "../model/memo.ts";
import type {
  Endpoint,
  EndpointSet,
  ListedEndpoints,
  MeshService,
  ServicePort,
  Workload,
} from "../model/service.ts";
import { endpointOrder, listingOrder } from "./fact-index.ts";

/** What is listed for services: in endpoint objects by the service, in service entries by the entry, `namespace/name`; in order. */
export interface Listings {
  readonly sets: LayeredMap<readonly EndpointSet[]>;
  readonly entries: LayeredMap<readonly ListedEndpoints[]>;
}

interface ListedFacts {
  readonly sets: readonly EndpointSet[];
  readonly entries: readonly ListedEndpoints[];
}

/** Those for services that do not exist are there too, and nobody asks for them. */
export function listingsOf({ sets, entries }: ListedFacts): Listings {
  return {
    sets: layeredMap(Map.groupBy(sets, keyOfSet)),
    entries: layeredMap(Map.groupBy(entries, keyOfEntry)),
  };
}

/** Without some and with others. */
export function changeListings(before: Listings, gone: ListedFacts, come: ListedFacts): Listings {
  return {
    sets: change(before.sets, gone.sets, come.sets, keyOfSet, endpointOrder),
    entries: change(before.entries, gone.entries, come.entries, keyOfEntry, listingOrder),
  };
}

function change<T>(
  before: LayeredMap<readonly T[]>,
  gone: readonly T[],
  come: readonly T[],
  keyOf: (value: T) => string,
  order: (a: T, b: T) => number,
): LayeredMap<readonly T[]> {
  const left = new Set(gone);
  const arriving = Map.groupBy(come, keyOf);
  const keys = new Set([...gone.map(keyOf), ...arriving.keys()]);
  return withEntries(
    before,
    [...keys].map((key) => {
      const staying = (lookUp(before, key) ?? []).filter((value) => !left.has(value));
      const now = [...staying, ...(arriving.get(key) ?? [])].sort(order);
      return [key, now.length === 0 ? undefined : now] as const;
    }),
  );
}

function keyOfSet({ namespace, serviceName }: EndpointSet): string {
  return `${namespace}/${serviceName}`;
}

function keyOfEntry({ namespace, name }: ListedEndpoints): string {
  return `${namespace}/${name}`;
}

/**
 * A function from (service, port) to its endpoints, given everything that may be one. `parts` are the services that were merged
 * into one: each brings the endpoints of the ports it has.
 */
export function joinEndpoints(
  listings: Listings,
  workloads: readonly Workload[],
  parts: ReadonlyMap<MeshService, readonly MeshService[]>,
): (service: MeshService, port: number) => readonly Endpoint[] {
  const near = workloadsByNamespace(workloads);
  const findOwn = (service: MeshService, portNumber: number) => {
    const key = `${service.namespace}/${service.name}`;
    const around = near.get(service.namespace) ?? nobody;
    if (service.registry === "kubernetes") {
      return find(service, lookUp(listings.sets, key), nobody, around, portNumber);
    }
    const [listed] = lookUp(listings.entries, key) ?? [];
    return find(service, undefined, listed?.endpoints ?? nobody, around, portNumber);
  };
  return (service, portNumber) => {
    const merged = parts.get(service);
    if (!merged) return findOwn(service, portNumber);
    // Only service entries are merged, which have no endpoint objects.
    const all = unite(...merged.map((part) => findOwn(part, portNumber)));
    // Envoy looks one name up there: the first, which is to be the oldest entry's.
    return service.resolution === "dns-round-robin" ? all : sorted(all);
  };
}

const nobody: readonly Workload[] = [];

const internWorkloads = internLists<Workload>();

/** The same list for a namespace as long as nothing in it changes. */
export const workloadsByNamespace = memoizeByIdentity(
  (workloads: readonly Workload[]): ReadonlyMap<string, readonly Workload[]> => {
    const groups = Map.groupBy(workloads, ({ namespace }) => namespace);
    return new Map([...groups].map(([namespace, near]) => [namespace, internWorkloads(near)]));
  },
);

/** Every proxy asks again, and in every mesh; only the service's own endpoint objects and its namespace's workloads have a say. */
const find = memoizeByIdentity(
  (
    service: MeshService,
    ownSets: readonly EndpointSet[] | undefined,
    listed: readonly Workload[],
    near: readonly Workload[],
    portNumber: number,
  ): readonly Endpoint[] => {
    const port = service.ports.find(({ number }) => number === portNumber);
    if (!port) return [];
    if (!ownSets) return fromWorkloads(service, port, workloadsOf(service, listed, near));
    const at = byAddress(near);
    const pods = internWorkloads(
      ownSets.flatMap((set) =>
        set.endpoints.flatMap(({ addresses }) => addresses.flatMap((address) => at.get(address) ?? [])),
      ),
    );
    const inSets = fromSets(service, port, internSets(ownSets), pods);
    // Kubernetes lists pods alone; what else the service selects is the mesh's business.
    const entries = workloadsOf(service, listed, near).filter(({ source }) => source === "entry");
    if (entries.length === 0) return inSets;
    return join(inSets, fromWorkloads(service, port, internWorkloads(entries)));
  },
);

/** Pods: nobody else has a part in Kubernetes' endpoints, though a workload entry may have the same address. */
const byAddress = memoizeByIdentity((near: readonly Workload[]): ReadonlyMap<string, readonly Workload[]> => {
  const found = new Map<string, Workload[]>();
  for (const workload of near) {
    if (workload.source !== "pod") continue;
    for (const address of workload.addresses) {
      found.getOrInsertComputed(address, () => []).push(workload);
    }
  }
  return found;
});

const workloadsOf = memoizeByIdentity(
  (service: MeshService, listed: readonly Workload[], near: readonly Workload[]): readonly Workload[] => {
    const { selector } = service;
    return internWorkloads(
      selector
        ? near.filter((workload) => workload.source !== "template" && selects(selector, workload.labels))
        : listed,
    );
  },
);

/** Each address and port once, or once with each set of labels: subsets may ask for any of them. */
const unite = memoizeByIdentity((...lists: readonly (readonly Endpoint[])[]): readonly Endpoint[] => {
  const distinct = new Map<string, Endpoint>();
  for (const each of lists.flat()) {
    const key = `${each.address}:${each.port} ${JSON.stringify(each.labels)}`;
    if (!distinct.has(key)) distinct.set(key, each);
  }
  return [...distinct.values()];
});

const sorted = memoizeByIdentity((endpoints: readonly Endpoint[]) => endpoints.toSorted(compareEndpoints));

const join = memoizeByIdentity(
  (listed: readonly Endpoint[], selected: readonly Endpoint[]): readonly Endpoint[] =>
    [...listed, ...selected].sort(compareEndpoints),
);

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
    const podsAt = Map.groupBy(
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
  const override =
    isPod && service.registry === "kubernetes" ? undefined : valueAt(workload.ports, port.name);
  if (override !== undefined) return override;
  if (typeof port.target === "number") return port.target;
  return valueAt(workload.ports, port.target) ?? (isPod ? undefined : port.number);
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
