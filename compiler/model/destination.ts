// How to talk to a destination once a route chose it: load balancing, pools, ejection, TLS.

import type { Labels, Locality, Visibility } from "./labels.ts";
import type { Origin } from "./origin.ts";

/** One destination rule. Durations are in milliseconds. */
export interface DestinationPolicy {
  readonly name: string;
  readonly namespace: string;
  /** Fully qualified or wildcard. */
  readonly host: string;
  readonly visibility: Visibility;
  /** Only for clients of the same namespace with these labels. */
  readonly clientSelector?: Labels;
  readonly policy: TrafficPolicy;
  readonly subsets: readonly Subset[];
  readonly created?: string;
  readonly origin: Origin;
}

export interface Subset {
  readonly name: string;
  readonly labels: Labels;
  readonly policy: TrafficPolicy;
  readonly origin: Origin;
}

/** Each section overrides the same section of the wider policy as a whole (Istio: no deep merge). */
export interface TrafficPolicy {
  readonly loadBalancer?: LoadBalancer;
  readonly connectionPool?: ConnectionPool;
  readonly outlierDetection?: OutlierDetection;
  readonly tls?: ClientTls;
  readonly proxyProtocol?: "V1" | "V2";
  readonly retryBudget?: { readonly percent: number; readonly minRetryConcurrency: number };
  readonly portPolicies: Readonly<Record<number, Omit<TrafficPolicy, "portPolicies">>>;
}

export interface LoadBalancer {
  readonly algorithm:
    | { readonly type: "least-request" | "round-robin" | "random" | "passthrough" }
    | { readonly type: "consistent-hash"; readonly key: HashKey; readonly table: HashTable };
  readonly localityLb?: LocalityLb;
  readonly warmup?: {
    readonly durationMs: number;
    readonly minimumPercent?: number;
    readonly aggression?: number;
  };
}

export type HashKey =
  | { readonly type: "header"; readonly name: string }
  | {
      readonly type: "cookie";
      readonly name: string;
      readonly path: string;
      /** Absent: the cookie is only read, never set. */
      readonly ttlMs?: number;
      readonly attributes: readonly { readonly name: string; readonly value: string }[];
    }
  | { readonly type: "source-ip" }
  | { readonly type: "query-parameter"; readonly name: string };

export type HashTable =
  | { readonly type: "ring"; readonly minimumSize: number }
  | { readonly type: "maglev"; readonly size?: number };

export interface LocalityLb {
  readonly enabled: boolean;
  /** `from` and the keys of `to` are `region/zone/subzone`, `*` allowed; weights add up to 100. */
  readonly distribute: readonly { readonly from: string; readonly to: Readonly<Record<string, number>> }[];
  readonly failover: readonly { readonly from: string; readonly to: string }[];
  readonly failoverPriority: readonly string[];
}

export interface ConnectionPool {
  readonly tcp: {
    readonly maxConnections?: number;
    readonly connectTimeoutMs?: number;
    readonly keepalive?: { readonly probes?: number; readonly timeMs?: number; readonly intervalMs?: number };
    readonly maxConnectionDurationMs?: number;
    readonly idleTimeoutMs?: number;
  };
  readonly http: {
    readonly maxPendingRequests?: number;
    readonly maxRequests?: number;
    readonly maxRequestsPerConnection?: number;
    readonly maxRetries?: number;
    readonly idleTimeoutMs?: number;
    readonly h2Upgrade: "default" | "upgrade" | "do-not-upgrade";
    readonly useClientProtocol: boolean;
    readonly maxConcurrentStreams?: number;
    readonly http2Keepalive?: { readonly intervalMs: number; readonly timeoutMs?: number };
  };
}

export interface OutlierDetection {
  readonly consecutiveGatewayErrors?: number;
  readonly consecutive5xxErrors?: number;
  readonly splitExternalLocalOriginErrors: boolean;
  readonly consecutiveLocalOriginFailures?: number;
  readonly intervalMs?: number;
  readonly baseEjectionTimeMs?: number;
  readonly maxEjectionPercent?: number;
  readonly minHealthPercent?: number;
}

/** `mesh` is ISTIO_MUTUAL: the workload's own certificate and the mesh's roots. */
export interface ClientTls {
  readonly mode: "disable" | "simple" | "mutual" | "mesh";
  /** Paths on the proxy's own disk. */
  readonly clientCertificate?: string;
  readonly privateKey?: string;
  readonly caCertificates?: string;
  /** A credential of the client's namespace instead of files. */
  readonly credentialName?: string;
  readonly subjectAltNames: readonly string[];
  readonly sni?: string;
  readonly insecureSkipVerify: boolean;
  readonly origin: Origin;
}

export type { Locality };
