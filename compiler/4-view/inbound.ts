// The inbound half of a sidecar: listeners and clusters in front of its own workload.

import type { Mesh } from "../3-mesh/mesh.ts";
import { mtlsMode, portModesOf } from "../3-mesh/mtls.ts";
import type { ConnectionPool } from "../model/destination.ts";
import { memoizeByIdentity } from "../model/memo.ts";
import type { MeshConfig } from "../model/mesh-config.ts";
import {
  blackHoleCluster,
  inboundCluster,
  inboundPassthroughCluster,
  listenerName,
  virtualInboundListener,
} from "../model/names.ts";
import type { Origin } from "../model/origin.ts";
import type { ProxyScope, ScopeIngress } from "../model/scope.ts";
import type { MtlsMode } from "../model/security.ts";
import type { MeshService, Protocol } from "../model/service.ts";
import { anyMatch, chain, listenerLogOf, tcpTerminal } from "./chains.ts";
import { clientOf } from "./client.ts";
import { unnamed } from "./clusters.ts";
import { inspectionFor, planInboundChains } from "./inbound-chains.ts";
import { inboundPorts, workloadOf } from "./inbound-ports.ts";
import type { ClusterPlan, EffectivePolicy, FilterChainPlan, ListenerPlan } from "./plan/index.ts";
import { type MeshProxy, wildcardAddress } from "./proxy.ts";
import { policyFor, trafficFor } from "./traffic-policy.ts";
import { protocolOf } from "./upstream-protocol.ts";

export interface InboundPlan {
  readonly listeners: readonly ListenerPlan[];
  readonly clusters: readonly ClusterPlan[];
}

/** One port to serve, from a service or from the scope's own ingress list. */
interface Entry {
  readonly port: number;
  readonly protocol: Protocol;
  readonly servicePort: number;
  readonly cluster: ClusterPlan;
  readonly origins: readonly Origin[];
  /** Set: a listener of its own on this address instead of a chain of `virtualInbound`. */
  readonly bind?: string;
}

// Connections that a sidecar opens to its own workload come from here, so that iptables does not catch them again.
const passthroughSource = "127.0.0.6";
const originalDestination = { type: "original-dst", sourceAddress: passthroughSource } as const;

export function planInbound(
  mesh: Mesh,
  proxy: MeshProxy,
  scope: ProxyScope | undefined,
  policies: readonly EffectivePolicy[],
): InboundPlan {
  const captured = proxy.interceptionMode !== "NONE";
  const entries =
    scope && scope.ingress.length > 0
      ? ingressEntries(mesh, proxy, scope)
      : serviceEntries(mesh, proxy, scope?.inboundConnectionPool);
  const chainsOf = (entry: Entry, destinationPort: number | undefined): readonly FilterChainPlan[] =>
    planInboundChains({
      name: listenerName(wildcardAddress(proxy), entry.port),
      ...(destinationPort === undefined ? {} : { destinationPort }),
      protocol: entry.protocol,
      mode: mtlsMode(mesh, proxy.namespace, proxy.labels, entry.port),
      cluster: entry.cluster.name,
      routeHost: `inbound|http|${entry.servicePort}`,
      policies,
      hasIdentity: proxy.hasIdentity,
      config: mesh.config,
      origins: entry.origins,
    });

  const own = entries.filter((entry) => entry.bind !== undefined || !captured);
  const shared = captured ? entries.filter((entry) => entry.bind === undefined) : [];
  const bound = own.flatMap((entry) => {
    // Without interception, a port of a service is the application's own: only a scope's ingress says otherwise.
    if (entry.bind === undefined) return [];
    return [boundListener(mesh, proxy, entry, entry.bind, chainsOf(entry, undefined))];
  });
  const served = [...shared, ...own.filter((entry) => entry.bind !== undefined)];
  const portsBehindCapture = () => [
    ...shared.map((entry) => ({ ...entry, chains: chainsOf(entry, entry.port) })),
    ...unservedPorts(mesh, proxy, policies, new Set(entries.map(({ port }) => port))),
  ];
  const virtual = captured ? [virtualInbound(mesh, proxy, policies, portsBehindCapture())] : [];
  return {
    listeners: [...virtual, ...bound],
    clusters: [...served.map(({ cluster }) => cluster), ...(captured ? [passthrough(mesh.config)] : [])],
  };
}

function serviceEntries(mesh: Mesh, proxy: MeshProxy, pool: ConnectionPool | undefined): readonly Entry[] {
  return inboundPorts(mesh, proxy).map(({ port, protocol, service, servicePort }) => ({
    port,
    protocol,
    servicePort: servicePort.number,
    cluster: inbound(
      mesh.config,
      port,
      protocol,
      originalDestination,
      pool ?? poolOf(mesh, proxy, service, servicePort.number),
      [service.origin],
    ),
    origins: [service.origin],
  }));
}

/**
 * Whoever limits the clients of a service limits the workload as well (Istio): it has to bear what they are allowed. The
 * scope's own pool goes before.
 */
function poolOf(
  mesh: Mesh,
  proxy: MeshProxy,
  service: MeshService,
  port: number,
): ConnectionPool | undefined {
  return trafficFor(mesh, policyFor(mesh, clientOf(mesh, proxy), service), undefined, port).connectionPool;
}

function ingressEntries(mesh: Mesh, proxy: MeshProxy, scope: ProxyScope): readonly Entry[] {
  return scope.ingress.map((ingress) => {
    const { number, protocol } = ingress.port;
    const binds =
      ingress.captureMode === "none" ||
      (ingress.captureMode === "default" && proxy.interceptionMode === "NONE");
    const service = inboundPorts(mesh, proxy).find(({ port }) => port === number);
    // A rule means the port that is listened on (istiod: buildInboundClustersFromSidecar).
    const pool =
      ingress.connectionPool ??
      scope.inboundConnectionPool ??
      (service && poolOf(mesh, proxy, service.service, number));
    return {
      port: number,
      protocol,
      servicePort: service?.servicePort.number ?? number,
      cluster: inbound(mesh.config, number, protocol, discoveryOf(mesh, proxy, ingress), pool, [
        scope.origin,
        ingress.origin,
      ]),
      origins: [scope.origin, ingress.origin],
      ...(binds ? { bind: ingress.bind ?? wildcardAddress(proxy) } : {}),
    };
  });
}

function discoveryOf(mesh: Mesh, proxy: MeshProxy, ingress: ScopeIngress): ClusterPlan["discovery"] {
  const name = inboundCluster(ingress.port.number);
  if (ingress.defaultEndpoint === undefined) return originalDestination;
  const { address, port } = splitEndpoint(ingress.defaultEndpoint, mesh, proxy);
  return {
    type: "static",
    // The workload's own address is one that iptables redirects to this proxy.
    ...(address === proxy.ip && proxy.interceptionMode !== "NONE"
      ? { sourceAddress: passthroughSource }
      : {}),
    endpoints: {
      clusterName: name,
      localities: [
        {
          priority: 0,
          endpoints: [
            {
              address,
              port,
              weight: 0,
              state: "healthy",
              mtls: false,
              workload: "",
              namespace: "",
              labels: {},
            },
          ],
        },
      ],
      origins: [ingress.origin],
    },
  };
}

function splitEndpoint(
  endpoint: string,
  mesh: Mesh,
  proxy: MeshProxy,
): { readonly address: string; readonly port: number } {
  if (endpoint.startsWith("unix://")) return { address: endpoint, port: 0 };
  const at = endpoint.lastIndexOf(":");
  const host = endpoint.slice(0, at).replace(/^\[|\]$/g, "");
  const port = Number(endpoint.slice(at + 1));
  // `0.0.0.0` asks for the workload's own address.
  if (host === "0.0.0.0" || host === "::") return { address: proxy.ip || host, port };
  // Which localhost is written does not matter where there is one alone (istiod).
  const hasIPv6 = workloadOf(mesh, proxy).addresses.some((address) => address.includes(":"));
  return { address: host === "::1" && !hasIPv6 ? "127.0.0.1" : host, port };
}

function inbound(
  config: MeshConfig,
  port: number,
  protocol: Protocol,
  discovery: ClusterPlan["discovery"],
  connectionPool: ConnectionPool | undefined,
  origins: readonly Origin[],
): ClusterPlan {
  return {
    name: inboundCluster(port),
    direction: "inbound",
    discovery,
    connectTimeoutMs: config.connectTimeoutMs,
    // What the application understands, whatever came: sidecars may speak HTTP/2 to each other without it.
    protocol: protocolOf(protocol),
    ...(connectionPool ? { connectionPool } : {}),
    tls: { type: "none" },
    origins,
  };
}

const passthrough = memoizeByIdentity(
  (config: MeshConfig): ClusterPlan => ({
    name: inboundPassthroughCluster,
    direction: "inbound",
    discovery: originalDestination,
    connectTimeoutMs: config.connectTimeoutMs,
    protocol: "downstream",
    ...unnamed(config),
    tls: { type: "none" },
    origins: [],
  }),
);

function boundListener(
  mesh: Mesh,
  proxy: MeshProxy,
  entry: Entry,
  address: string,
  chains: readonly FilterChainPlan[],
): ListenerPlan {
  const mode = mtlsMode(mesh, proxy.namespace, proxy.labels, entry.port);
  const inspect = inspectionFor(entry.protocol, mode, proxy.hasIdentity);
  return {
    name: listenerName(address, entry.port),
    direction: "inbound",
    address,
    port: entry.port,
    bindToPort: true,
    readsOriginalDst: false,
    handsOff: false,
    detectTls: inspect.tls,
    detectHttp: inspect.http,
    detectionTimeoutMs: mesh.config.protocolDetectionTimeoutMs,
    chains,
    ...listenerLogOf(mesh.config),
    origins: entry.origins,
  };
}

function virtualInbound(
  mesh: Mesh,
  proxy: MeshProxy,
  policies: readonly EffectivePolicy[],
  ports: readonly CapturedPort[],
): ListenerPlan {
  const { config } = mesh;
  const mode = mtlsMode(mesh, proxy.namespace, proxy.labels, undefined);
  const inspections = ports.map(({ port, protocol }) => ({
    port,
    ...inspectionFor(protocol, mtlsMode(mesh, proxy.namespace, proxy.labels, port), proxy.hasIdentity),
  }));
  return {
    name: virtualInboundListener,
    direction: "inbound",
    address: wildcardAddress(proxy),
    port: config.proxyInboundListenPort,
    bindToPort: true,
    readsOriginalDst: true,
    handsOff: false,
    detectTls: proxy.hasIdentity || inspections.some((each) => each.tls),
    detectHttp: true,
    noTlsDetectionOn: inspections.filter((each) => !each.tls).map(({ port }) => port),
    noHttpDetectionOn: inspections.filter((each) => !each.http).map(({ port }) => port),
    detectionTimeoutMs: config.protocolDetectionTimeoutMs,
    chains: [
      blackHole(config),
      ...ports.flatMap(({ chains }) => chains),
      ...unnamedChains(config, mode, policies, proxy.hasIdentity),
    ],
    ...listenerLogOf(config),
    origins: ports.flatMap(({ origins }) => origins),
  };
}

/** A port with chains of its own in `virtualInbound`. */
interface CapturedPort extends Pick<Entry, "port" | "protocol" | "origins"> {
  readonly chains: readonly FilterChainPlan[];
}

/** Ports that no service has and policy has a mode for: they are guarded by it, and passed on as they come. */
function unservedPorts(
  mesh: Mesh,
  proxy: MeshProxy,
  policies: readonly EffectivePolicy[],
  served: ReadonlySet<number>,
): readonly CapturedPort[] {
  const { namespace, labels, hasIdentity } = proxy;
  return portModesOf(mesh, namespace, labels).flatMap(({ port, mode, origin }) => {
    if (served.has(port)) return [];
    const origins = [origin];
    const protocol = "auto";
    const chains = planInboundChains({
      name: listenerName(wildcardAddress(proxy), port),
      destinationPort: port,
      protocol,
      mode,
      ...unnamedRoutes,
      policies,
      hasIdentity,
      config: mesh.config,
      origins,
    });
    return [{ port, protocol, chains, origins }];
  });
}

// Most chains in front of a workload are for no port of its own, and the same in front of others.
const blackHole = memoizeByIdentity((config: MeshConfig) =>
  chain(
    "virtualInbound-blackhole",
    { ...anyMatch, destinationPort: config.proxyInboundListenPort },
    tcpTerminal(config, blackHoleCluster, [{ cluster: blackHoleCluster, weight: 1 }]),
    [],
  ),
);

/** Requests to ports that no service has, which are all alike. */
const unnamedRoutes = {
  cluster: inboundPassthroughCluster,
  routeHost: "inbound|http|0",
} as const;

const unnamedChains = memoizeByIdentity(
  (config: MeshConfig, mode: MtlsMode, policies: readonly EffectivePolicy[], hasIdentity: boolean) =>
    planInboundChains({
      name: "virtualInbound-catchall",
      protocol: "auto",
      mode,
      ...unnamedRoutes,
      policies,
      hasIdentity,
      config,
      origins: [],
    }),
);
