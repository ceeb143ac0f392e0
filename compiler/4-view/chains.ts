// Pieces that inbound, outbound and gateway listeners have in common: chain matches, terminals, access logs.

import type { MeshConfig } from "../model/mesh-config.ts";
import { blackHoleCluster, passthroughCluster } from "../model/names.ts";
import type { Origin } from "../model/origin.ts";
import type { OutboundPolicy } from "../model/scope.ts";
import type {
  AccessLogPlan,
  ChainMatch,
  FilterChainPlan,
  HttpTerminal,
  RouteTablePlan,
  TcpTerminal,
} from "./plan/index.ts";

export const anyMatch: ChainMatch = {
  prefixRanges: [],
  sourcePrefixRanges: [],
  serverNames: [],
  applicationProtocols: [],
};

/** What the HTTP inspector calls plain-text HTTP. Envoy would only refuse HTTP/1.0 (426): it passes as TCP instead, as with Istio. */
export const plainHttpProtocols = ["http/1.1", "h2c"] as const;

/** The mesh's log of every request and connection; undefined when it is off. */
export function accessLogOf(config: MeshConfig): AccessLogPlan | undefined {
  if (config.accessLog.file === "") return undefined;
  return { ...config.accessLog, onlyUnrouted: false };
}

/** A listener's own log: connections that no chain took. */
export function listenerLogOf(config: MeshConfig): { readonly accessLog?: AccessLogPlan } {
  const log = accessLogOf(config);
  return log ? { accessLog: { ...log, onlyUnrouted: true } } : {};
}

export function httpTerminal(
  config: MeshConfig,
  terminal: Pick<HttpTerminal, "statPrefix" | "routes" | "role" | "forwardClientCert">,
): HttpTerminal {
  const accessLog = accessLogOf(config);
  return {
    type: "http",
    ...terminal,
    forwardClientCert: terminal.role === "gateway" ? gatewayForwarding(config) : terminal.forwardClientCert,
    trustedHops: terminal.role === "gateway" ? config.proxy.numTrustedProxies : 0,
    pathNormalization: config.pathNormalization,
    ...(accessLog ? { accessLog } : {}),
    usesFault: terminal.role !== "inbound",
  };
}

/** What a gateway does with x-forwarded-client-cert: sets it anew, unless the mesh config says otherwise. */
function gatewayForwarding(config: MeshConfig): HttpTerminal["forwardClientCert"] {
  return config.proxy.forwardClientCertDetails ?? "sanitize-set";
}

export function inlineRoutes(table: RouteTablePlan): HttpTerminal["routes"] {
  return { type: "inline", table };
}

export function tcpTerminal(
  config: MeshConfig,
  statPrefix: string,
  clusters: TcpTerminal["clusters"],
  options: {
    readonly idleTimeoutMs?: number;
    readonly hashSourceIp?: boolean;
    readonly clusterFromSni?: boolean;
  } = {},
): TcpTerminal {
  const accessLog = accessLogOf(config);
  return {
    type: "tcp",
    statPrefix,
    clusters,
    ...(options.idleTimeoutMs === undefined ? {} : { idleTimeoutMs: options.idleTimeoutMs }),
    hashSourceIp: options.hashSourceIp ?? false,
    clusterFromSni: options.clusterFromSni ?? false,
    ...(accessLog ? { accessLog } : {}),
  };
}

/** Traffic that nothing names: passed on or dropped, as the outbound policy says. */
export function unnamedChain(config: MeshConfig, outbound: OutboundPolicy, name: string): FilterChainPlan {
  const cluster = outbound.mode === "allow-any" ? passthroughCluster : blackHoleCluster;
  return chain(name, anyMatch, tcpTerminal(config, cluster, [{ cluster, weight: 1 }]), []);
}

export function chain(
  name: string,
  match: ChainMatch,
  terminal: FilterChainPlan["terminal"],
  origins: readonly Origin[],
): FilterChainPlan {
  return { name, match, policies: [], terminal, origins };
}
