// Outbound listeners of a sidecar. Services that share an address and port share a listener; its chains tell them apart.

import { compareAge } from "../3-mesh/order.ts";
import { isIP } from "../model/address.ts";
import { memoizeByIdentity } from "../model/memo.ts";
import {
  blackHoleCluster,
  httpProxyRoutes,
  listenerName,
  outboundRoutes,
  serviceRoutes,
  virtualOutboundListener,
} from "../model/names.ts";
import type { Origin } from "../model/origin.ts";
import type { ScopePort } from "../model/scope.ts";
import type { MeshService, Protocol, ServicePort } from "../model/service.ts";
import {
  anyMatch,
  chain,
  httpTerminal,
  listenerLogOf,
  plainHttpProtocols,
  tcpTerminal,
  unnamedChain,
} from "./chains.ts";
import { asCidr, planTcpChains, planTlsChains } from "./l4-routes.ts";
import type { FilterChainPlan, ListenerPlan } from "./plan/index.ts";
import { isByAddress, isByName, isHttp, isRange } from "./reach.ts";
import { separateChains } from "./separate-chains.ts";
import type { TableContext } from "./virtual-hosts.ts";

interface Bucket {
  readonly address: string;
  readonly port: number;
  /** The table by which requests are routed, if there is HTTP. */
  routes?: string;
  readonly chains: FilterChainPlan[];
  readonly origins: Origin[];
}

/** Listeners that `virtualOutbound` hands connections to, by their original destination: all, or those of some ports. */
export function planServiceListeners(
  context: TableContext,
  services: readonly MeshService[],
  ports?: ReadonlySet<number>,
): readonly ListenerPlan[] {
  const buckets = new Map<string, Bucket>();
  const bucketAt = (address: string, port: number): Bucket => {
    const key = `${address}_${port}`;
    const known = buckets.get(key);
    if (known) return known;
    const made: Bucket = { address, port, chains: [], origins: [] };
    buckets.set(key, made);
    return made;
  };
  const { plain, others } = apart(services);
  for (const [port, origins] of plain) {
    if (ports?.has(port) === false) continue;
    const bucket = bucketAt(context.client.wildcard, port);
    bucket.routes = outboundRoutes(port);
    bucket.origins.push(...origins);
  }
  for (const { service, port } of others) {
    if (ports?.has(port.number) === false) continue;
    for (const { address, ranges, alone } of placesFor(context, service, port)) {
      const bucket = bucketAt(address, port.number);
      if (alone && isByAddress(service, port)) bucket.routes ??= serviceRoutes(service.hostname, port.number);
      addService(context, bucket, service, port, ranges, alone);
    }
  }
  return [...buckets.values()]
    .map((bucket) => finish(context, bucket, false))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface Apart {
  /** By port whoever has HTTP there, which is reached by name on the shared address: mostly all, and the same for every client. */
  readonly plain: ReadonlyMap<number, readonly Origin[]>;
  /** Oldest first: where nothing tells them apart, the first one has the connections. */
  readonly others: readonly Offer[];
}

interface Offer {
  readonly service: MeshService;
  readonly port: ServicePort;
}

const apart = memoizeByIdentity((services: readonly MeshService[]): Apart => {
  const plain = new Map<number, Origin[]>();
  const others: Offer[] = [];
  for (const service of services) {
    for (const port of service.ports) {
      if (isByName(port)) plain.getOrInsertComputed(port.number, () => []).push(service.origin);
      else if (port.protocol !== "udp") others.push({ service, port });
    }
  }
  return { plain, others: others.sort(byAge) };
});

function byAge(a: Offer, b: Offer): number {
  return compareAge(a.service, b.service);
}

/** The listeners of an egress entry of a scope that says no address: where services have that port, it speaks what the entry says. */
export function planPortListeners(
  context: TableContext,
  { number, protocol }: ScopePort,
  origin: Origin,
): readonly ListenerPlan[] {
  if (protocol === "udp") return [];
  const services = narrowed(context.imports.services, number, protocol);
  return planServiceListeners(context, services).map((listener) => ({
    ...listener,
    origins: [origin, ...listener.origins],
  }));
}

/** With that port alone. */
const narrowed = memoizeByIdentity(
  (services: readonly MeshService[], number: number, protocol: Protocol): readonly MeshService[] =>
    services.flatMap((service) => {
      const port = service.ports.find((each) => each.number === number);
      if (!port || port.protocol === "udp") return [];
      return [{ ...service, ports: [spokenAs(port, protocol)] }];
    }),
);

/** One listener on the address of an egress entry of a scope, which may bind its own port: it speaks what the entry says, else what services say. */
export function planBoundListener(
  context: TableContext,
  address: string,
  { number, protocol }: ScopePort,
  binds: boolean,
  origins: readonly Origin[],
): ListenerPlan | undefined {
  if (protocol === "udp") return undefined;
  const bucket: Bucket = { address, port: number, chains: [], origins: [...origins] };
  const offers = context.imports.services.flatMap((service): readonly Offer[] => {
    const port = service.ports.find((each) => each.number === number);
    return port && port.protocol !== "udp" ? [{ service, port: spokenAs(port, protocol) }] : [];
  });
  offers.sort(byAge);
  for (const offer of offers) addService(context, bucket, offer.service, offer.port, [], offers.length === 1);
  return bucket.routes !== undefined || bucket.chains.length > 0 ? finish(context, bucket, binds) : undefined;
}

const spokenAs = memoizeByIdentity(
  (port: ServicePort, protocol: Protocol): ServicePort =>
    protocol === "auto" || protocol === port.protocol ? port : { ...port, protocol },
);

interface Place {
  readonly address: string;
  readonly ranges: readonly string[];
  /** Nobody else is there. */
  readonly alone: boolean;
}

/** Where clients reach a port: HTTP by name on the shared address, the rest on the addresses of the service. */
function placesFor(context: TableContext, service: MeshService, port: ServicePort): readonly Place[] {
  const shared = { address: context.client.wildcard, ranges: [], alone: false };
  if (isByName(port)) return [shared];
  const own = (address: string): Place => ({ address, ranges: [], alone: true });
  const ranges = service.addresses.filter(isRange);
  if (service.addresses.length > 0) {
    const places = service.addresses.filter((address) => isIP(address)).map(own);
    return ranges.length > 0 ? [...places, { ...shared, ranges }] : places;
  }
  if (service.headless) {
    const endpoints = context.mesh.endpointsOf(service, port.number).map(({ address }) => address);
    return [...new Set(endpoints)].filter((address) => isIP(address)).map(own);
  }
  return [shared];
}

function addService(
  context: TableContext,
  bucket: Bucket,
  service: MeshService,
  port: ServicePort,
  ranges: readonly string[],
  alone: boolean,
): void {
  bucket.origins.push(service.origin);
  if (isHttp(port.protocol)) {
    bucket.routes ??= outboundRoutes(bucket.port);
    if (port.protocol !== "auto") return;
  }
  const chains =
    port.protocol === "tls" || port.protocol === "https"
      ? planTlsChains(context, service, port, alone)
      : planTcpChains(context, service, port);
  for (const each of chains) {
    const { match } = each;
    const prefixRanges = match.prefixRanges.length > 0 ? match.prefixRanges : ranges.map(asCidr);
    bucket.chains.push({ ...each, match: { ...match, prefixRanges } });
  }
}

function finish(context: TableContext, bucket: Bucket, bindToPort: boolean): ListenerPlan {
  const { mesh, client } = context;
  const { config } = mesh;
  const { chains: distinct, fallback } = separate(bucket.chains);
  const shared = bucket.address === client.wildcard && !bindToPort;
  const http = bucket.routes === undefined ? [] : [httpChain(context, bucket, bucket.routes)];
  // TCP to an unknown host may use a port on which the mesh has HTTP services, so only HTTP is taken as HTTP.
  const sniffs = http.length > 0 && (shared || distinct.length > 0 || fallback !== undefined);
  // Also at the address of one service, where rules have names of their own: other names are as unknown as anywhere.
  const isComplete = bindToPort || (http.length > 0 && !sniffs);
  const last =
    fallback ?? (isComplete ? undefined : unnamedChain(config, context.outbound, "PassthroughFilterChain"));
  return {
    name: listenerName(bucket.address, bucket.port),
    direction: "outbound",
    address: bucket.address,
    port: bucket.port,
    bindToPort,
    readsOriginalDst: false,
    handsOff: false,
    detectTls: sniffs || distinct.some(({ match }) => match.transportProtocol !== undefined),
    detectHttp: sniffs,
    detectionTimeoutMs: config.protocolDetectionTimeoutMs,
    chains: [
      ...http.map((each) =>
        sniffs
          ? {
              ...each,
              match: {
                ...anyMatch,
                transportProtocol: "raw_buffer" as const,
                applicationProtocols: [...plainHttpProtocols],
              },
            }
          : each,
      ),
      ...distinct,
    ],
    ...(last ? { fallback: last } : {}),
    ...listenerLogOf(config),
    origins: uniqueOrigins(bucket.origins),
  };
}

function httpChain(context: TableContext, bucket: Bucket, routes: string): FilterChainPlan {
  const terminal = httpTerminal(context.mesh.config, {
    statPrefix: `outbound_${listenerName(bucket.address, bucket.port)}`,
    routes: { type: "rds", name: routes },
    role: "outbound",
    forwardClientCert: "sanitize",
  });
  return chain("http", anyMatch, terminal, []);
}

/** A chain that matches anything becomes the last resort. */
function separate(chains: readonly FilterChainPlan[]): {
  readonly chains: readonly FilterChainPlan[];
  readonly fallback?: FilterChainPlan;
} {
  const any = JSON.stringify(anyMatch);
  const fallback = chains.find(({ match }) => JSON.stringify(match) === any);
  const distinct = separateChains(chains.filter(({ match }) => JSON.stringify(match) !== any));
  return fallback ? { chains: distinct, fallback } : { chains: distinct };
}

/** The listener that iptables redirects to: it hands over by original destination, and takes what nobody claims. */
export function planVirtualOutbound(context: TableContext): ListenerPlan {
  const { mesh, client, outbound } = context;
  const { config } = mesh;
  const blackHole = chain(
    "virtualOutbound-blackhole",
    { ...anyMatch, destinationPort: config.proxyListenPort },
    tcpTerminal(config, blackHoleCluster, [{ cluster: blackHoleCluster, weight: 1 }]),
    [],
  );
  return {
    name: virtualOutboundListener,
    direction: "outbound",
    address: client.wildcard,
    port: config.proxyListenPort,
    bindToPort: true,
    readsOriginalDst: true,
    handsOff: true,
    detectTls: false,
    detectHttp: false,
    detectionTimeoutMs: 0,
    chains: [blackHole],
    fallback: unnamedChain(config, outbound, "virtualOutbound-catchall-tcp"),
    ...listenerLogOf(config),
    origins: [],
  };
}

/** The explicit proxy that applications name in `http_proxy`. */
export function planHttpProxy(context: TableContext): ListenerPlan {
  const { mesh, client } = context;
  const terminal = httpTerminal(mesh.config, {
    statPrefix: httpProxyRoutes,
    routes: { type: "rds", name: httpProxyRoutes },
    role: "http-proxy",
    forwardClientCert: "sanitize",
  });
  return {
    name: listenerName(client.local, mesh.config.proxyHttpPort),
    direction: "outbound",
    address: client.local,
    port: mesh.config.proxyHttpPort,
    bindToPort: true,
    readsOriginalDst: false,
    handsOff: false,
    detectTls: false,
    detectHttp: false,
    detectionTimeoutMs: 0,
    chains: [chain("http", anyMatch, terminal, [])],
    ...listenerLogOf(mesh.config),
    origins: [],
  };
}

function uniqueOrigins(origins: readonly Origin[]): readonly Origin[] {
  return [...new Set(origins)];
}
