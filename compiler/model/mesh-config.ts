// Mesh-wide settings with every default explicit, so that no later stage has to know one.

import type { ConnectionPool, LocalityLb, OutlierDetection } from "./destination.ts";
import type { Retries } from "./routes.ts";
import type { OutboundPolicy } from "./scope.ts";

/** Durations are in milliseconds. Names follow Istio's MeshConfig. */
export interface MeshConfig {
  readonly rootNamespace: string;
  readonly trustDomain: string;
  readonly trustDomainAliases: readonly string[];
  readonly domainSuffix: string;
  readonly proxyListenPort: number;
  readonly proxyInboundListenPort: number;
  /** 0: no explicit HTTP proxy. */
  readonly proxyHttpPort: number;
  readonly connectTimeoutMs: number;
  /** How long to wait for the first bytes when the protocol has to be detected; 0: for ever. */
  readonly protocolDetectionTimeoutMs: number;
  readonly tcpKeepalive?: {
    readonly probes?: number;
    readonly timeMs?: number;
    readonly intervalMs?: number;
  };
  readonly outboundPolicy: OutboundPolicy;
  readonly enableAutoMtls: boolean;
  /** Empty file: no access log. */
  readonly accessLog: { readonly file: string; readonly format: string; readonly encoding: "TEXT" | "JSON" };
  readonly defaultServiceExportTo: readonly string[];
  readonly defaultRouteExportTo: readonly string[];
  readonly defaultDestinationExportTo: readonly string[];
  readonly defaultRetries?: Retries;
  readonly defaultConnectionPool?: ConnectionPool;
  readonly defaultOutlierDetection?: OutlierDetection;
  readonly localityLb?: LocalityLb;
  readonly h2Upgrade: "default" | "upgrade" | "do-not-upgrade";
  readonly pathNormalization: "none" | "base" | "merge-slashes" | "decode-and-merge-slashes";
  readonly dnsRefreshRateMs: number;
  readonly meshMtlsMinVersion?: "TLSV1_2" | "TLSV1_3";
  /** defaultConfig: what a proxy has unless it says otherwise. */
  readonly proxy: {
    readonly interceptionMode: InterceptionMode;
    readonly concurrency?: number;
    readonly numTrustedProxies: number;
    readonly forwardClientCertDetails?: ClientCertForwarding;
    readonly discoveryAddress?: string;
    readonly drainDurationMs?: number;
    readonly statusPort: number;
  };
}

/** What becomes of the x-forwarded-client-cert header, as Envoy's `forward_client_cert_details` has it. */
export type ClientCertForwarding =
  | "sanitize"
  | "forward-only"
  | "append-forward"
  | "sanitize-set"
  | "always-forward-only";

export type InterceptionMode = "REDIRECT" | "TPROXY" | "NONE";

/** What holds when no file says anything: Istio's defaults. */
export const defaultMeshConfig: MeshConfig = {
  rootNamespace: "istio-system",
  trustDomain: "cluster.local",
  trustDomainAliases: [],
  domainSuffix: "cluster.local",
  proxyListenPort: 15001,
  proxyInboundListenPort: 15006,
  proxyHttpPort: 0,
  connectTimeoutMs: 10_000,
  protocolDetectionTimeoutMs: 0,
  outboundPolicy: { mode: "allow-any" },
  enableAutoMtls: true,
  accessLog: { file: "", format: "", encoding: "TEXT" },
  defaultServiceExportTo: ["*"],
  defaultRouteExportTo: ["*"],
  defaultDestinationExportTo: ["*"],
  h2Upgrade: "default",
  pathNormalization: "base",
  dnsRefreshRateMs: 60_000,
  proxy: { interceptionMode: "REDIRECT", numTrustedProxies: 0, statusPort: 15021 },
};
