// Whom a client reaches by a name, an address or a route, as Istio's reference says it, and istiod where that is silent. Of several
// namespaces that have a host a client takes its own, else that of a Service, else that of the nearest, then oldest entry; there a
// Service stands alone, and entries that agree with the first add up, port by port. In: entries, Services, workloads, routes and a
// request. Out: the sockets.

import { type Exported, isSeenFrom, openness } from "./export-to.ts";
import { closest } from "./hosts.ts";

export type Labels = Readonly<Record<string, string>>;

export interface Port {
  readonly number: number;
  readonly name: string;
  readonly protocol: "HTTP" | "http" | "TCP" | "TLS";
  readonly targetPort?: number;
}

export interface Endpoint {
  readonly address: string;
  readonly ports?: Readonly<Record<string, number>>;
  readonly labels?: Labels;
  readonly weight?: number;
}

export type Workload = Endpoint & { readonly namespace: string };

export interface Entry extends Exported {
  readonly hosts: readonly string[];
  readonly addresses?: readonly string[];
  readonly ports: readonly Port[];
  readonly location?: "MESH_EXTERNAL" | "MESH_INTERNAL";
  readonly resolution: "NONE" | "STATIC" | "DNS" | "DNS_ROUND_ROBIN";
  readonly endpoints?: readonly Endpoint[];
  readonly workloadSelector?: { readonly labels: Labels };
  /** Of Kubernetes, with one host, and STATIC. */
  readonly isService?: true;
}

export interface Destination {
  readonly host: string;
  readonly subset?: string;
  readonly port?: { readonly number: number };
}

export interface World {
  /** Oldest first. */
  readonly entries: readonly Entry[];
  readonly workloads: readonly Workload[];
  /** By hosts that are nothing but routes. */
  readonly routes: Readonly<Record<string, Destination>>;
  /** Those of every host. */
  readonly subsets: Readonly<Record<string, Labels>>;
}

export interface Request {
  /** A namespace. */
  readonly client: string;
  readonly host: string;
  readonly port?: number | undefined;
}

export interface Outcome {
  readonly status: number;
  /** `address:port`, in order. */
  readonly sockets: readonly string[];
  readonly by: string;
}

export function outcomeOf(world: World, { client, host, port }: Request): Outcome {
  const [route, known] = [world.routes[host], knownTo(world, client)];
  if (route) {
    const [service] = closest(known, route.host);
    // "If a service exposes only a single port it is not required to explicitly select the port": else it is that of the request.
    const number = route.port?.number ?? (service?.ports.length === 1 ? service.ports[0]?.number : 80);
    const door = service?.ports.find((each) => each.number === number);
    const labels = route.subset === undefined ? {} : world.subsets[route.subset];
    if (service && door && labels) return reached(world, service, door, labels);
    return { status: 503, sockets: [], by: "a route to nothing" };
  }
  const doors = known.flatMap((service) => {
    const spoken = service.ports.filter(({ protocol }) => protocol.toUpperCase() === "HTTP");
    // Without a port it is 80, or the only one.
    const only = port === undefined && spoken.length === 1 ? spoken[0] : undefined;
    const door = spoken.find(({ number }) => number === (port ?? 80)) ?? only;
    return door ? [service.host, ...addressesOf(service)].map((host) => ({ service, host, door })) : [];
  });
  const [found] = closest(doors, host);
  if (!found) return { status: 502, sockets: [], by: "nothing" };
  return reached(world, found.service, found.door, {});
}

type Known = ReturnType<typeof knownTo>[number];
/** Of a port's properties, those count that the first entry gives it. */
function knownTo({ entries }: World, client: string) {
  // A Service "should take precedence": nobody may take its name first (istiod, `appendSidecarServices`).
  const rank = (each: Entry) => (each.isService ? -1 : openness(each, client));
  const seen = entries.filter((each) => isSeenFrom(client, each)).toSorted((a, b) => rank(a) - rank(b));
  return [...new Set(seen.flatMap(({ hosts }) => hosts))].map((host) => {
    const rivals = seen.filter(({ hosts }) => hosts.includes(host));
    const first = rivals.find(({ namespace }) => namespace === client) ?? rivals[0];
    const parts = rivals.filter((each) => first && addsUp(first, each));
    const ports = parts.flatMap((each) => each.ports).toReversed();
    return { host, parts, ports: [...new Map(ports.map((port) => [port.number, port])).values()] };
  });
}

/** As in istiod's `canMergeServices`, but for selectors: it wants them to be the same, or else drops what ports only the other has. */
function addsUp(first: Entry, other: Entry): boolean {
  if (first.isService || other.isService) return first === other;
  const [key, otherKey] = [first, other].map(({ namespace, resolution, exportTo = ["*"] }) =>
    JSON.stringify([namespace, resolution, exportTo.map((each) => (each === "." ? namespace : each))]),
  );
  return key === otherKey;
}

/** "HTTP route domains for both the `addresses` and `hosts`": a network is none, but of one address. */
function addressesOf({ parts }: Known): readonly string[] {
  const all = parts.flatMap(({ addresses = [] }) => addresses);
  return all.map((address) => address.replace("/32", "")).filter((address) => !address.includes("/"));
}

function reached({ workloads }: World, { host, parts }: Known, door: Port, labels: Labels): Outcome {
  const found = parts.flatMap((part) => {
    const own = part.ports.filter(({ number }) => number === door.number);
    const endpoints = endpointsOf(part, workloads, host).filter((each) => has(each.labels, labels));
    return own.flatMap((port) => endpoints.map((each) => socketOf(each, port)));
  });
  const [first] = parts;
  // Envoy takes one name there: the first entry's, as nothing says which.
  const used = first?.resolution === "DNS_ROUND_ROBIN" ? found.slice(0, 1) : found;
  const sockets = [...new Set(used)].sort();
  const by = first?.isService ? "a Service" : `${first?.resolution}${parts.length > 1 ? ", added up" : ""}`;
  return { status: sockets.length > 0 ? 200 : 503, sockets, by };
}

function endpointsOf(entry: Entry, workloads: World["workloads"], host: string): readonly Endpoint[] {
  const { resolution, endpoints, workloadSelector: selector, namespace } = entry;
  // "The IP address to which the connection was bound": one to a proxy is bound to none.
  if (resolution === "NONE") return [];
  if (selector)
    return workloads.filter((each) => each.namespace === namespace && has(each.labels, selector.labels));
  // "If no endpoints are specified, the proxy will resolve the DNS address specified in the hosts field."
  return endpoints ?? (resolution === "STATIC" ? [] : [{ address: host }]);
}

/** "Endpoint port map takes precedence over targetPort." */
function socketOf({ address, ports }: Endpoint, { name, targetPort, number }: Port): string {
  return `${address.endsWith("localhost") ? "127.0.0.1" : address}:${ports?.[name] ?? targetPort ?? number}`;
}

function has(labels: Labels = {}, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}
