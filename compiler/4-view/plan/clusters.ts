// What stage 5 needs to write one Envoy cluster or one load assignment: every decision already made, in our own terms.

import type { ConnectionPool, HashTable, LoadBalancer, OutlierDetection } from "../../model/destination.ts";
import type { Labels, Locality } from "../../model/labels.ts";
import type { Origin } from "../../model/origin.ts";

/** One Envoy cluster. Plans are frozen and shared: proxies that need the same cluster hold the same object. */
export interface ClusterPlan {
  /** `outbound|9080|v1|reviews.default.svc.cluster.local`, `inbound|9080||`, `PassthroughCluster`, … */
  readonly name: string;
  readonly direction: "outbound" | "inbound";
  readonly discovery: ClusterDiscovery;
  readonly connectTimeoutMs: number;
  /** What the application protocol of the port allows; `downstream`: whatever the client spoke (detected ports). */
  readonly protocol: "tcp" | "http1" | "http2" | "downstream";
  readonly loadBalancer?: LoadBalancer;
  readonly connectionPool?: ConnectionPool;
  readonly outlierDetection?: OutlierDetection;
  readonly proxyProtocol?: "V1" | "V2";
  readonly retryBudget?: { readonly percent: number; readonly minRetryConcurrency: number };
  readonly tls: UpstreamTlsPlan;
  /** The service behind it, for cluster metadata (`istio.services`, `istio.subset`); absent for built-in clusters. */
  readonly service?: {
    readonly host: string;
    readonly name: string;
    readonly namespace: string;
    readonly subset?: string;
  };
  readonly tcpKeepalive?: {
    readonly probes?: number;
    readonly timeMs?: number;
    readonly intervalMs?: number;
  };
  readonly origins: readonly Origin[];
}

export type ClusterDiscovery =
  /** Endpoints come separately, as the `EndpointsPlan` of the same cluster name. */
  | { readonly type: "eds" }
  | {
      readonly type: "strict-dns" | "logical-dns";
      readonly endpoints: EndpointsPlan;
      readonly refreshMs: number;
    }
  /** `sourceAddress` as in `original-dst`. */
  | { readonly type: "static"; readonly endpoints: EndpointsPlan; readonly sourceAddress?: string }
  /** Goes where the client meant to; `sourceAddress` binds the upstream connection (inbound passthrough: 127.0.0.6). */
  | { readonly type: "original-dst"; readonly sourceAddress?: string }
  /** Goes to the host that each request names, found by DNS. Only for chains of the role `http-proxy`. */
  | { readonly type: "named-by-request" }
  /** No endpoints ever: every request is answered 503. */
  | { readonly type: "black-hole" };

export type UpstreamTlsPlan =
  | { readonly type: "none" }
  /** Mesh mutual TLS to endpoints whose metadata says `tlsMode: istio`, plain text to the rest (auto mTLS). */
  | {
      readonly type: "mesh-auto";
      readonly sans: readonly string[];
      /** Empty: none. */
      readonly sni: string;
      readonly minVersion?: "TLSV1_2" | "TLSV1_3";
    }
  /** Mesh mutual TLS to every endpoint. */
  | {
      readonly type: "mesh";
      readonly sans: readonly string[];
      readonly sni: string;
      readonly minVersion?: "TLSV1_2" | "TLSV1_3";
    }
  | {
      readonly type: "external";
      /** Absent: taken from the request's authority when it is a DNS name (auto_sni). */
      readonly sni?: string;
      readonly sans: readonly string[];
      readonly insecureSkipVerify: boolean;
      /** The client's certificate: SDS names (`kubernetes://name`), or files on the proxy's disk. */
      readonly certificate?: CertificateSource;
      /** What to verify against; `system` is the proxy's OS bundle. */
      readonly ca:
        | { readonly type: "system" }
        | { readonly type: "file"; readonly path: string }
        | { readonly type: "sds"; readonly name: string };
      readonly minVersion?: string;
    };

export type CertificateSource =
  | { readonly type: "sds"; readonly name: string }
  | { readonly type: "file"; readonly certificate: string; readonly privateKey: string };

/** One ClusterLoadAssignment. */
export interface EndpointsPlan {
  readonly clusterName: string;
  readonly localities: readonly LocalityPlan[];
  readonly origins: readonly Origin[];
}

/** Sorted by priority, then locality. */
export interface LocalityPlan {
  readonly locality?: Locality;
  readonly priority: number;
  /** Absent: endpoints are weighed one by one, localities are not. */
  readonly weight?: number;
  readonly endpoints: readonly EndpointPlan[];
}

export interface EndpointPlan {
  /** IP, DNS name, or `unix://path`. */
  readonly address: string;
  readonly port: number;
  readonly weight: number;
  readonly state: "healthy" | "draining" | "unhealthy";
  /** Sets the transport-socket match metadata `tlsMode: istio`. */
  readonly mtls: boolean;
  /** For metadata `istio.workload`: name;namespace;canonical-name;canonical-revision;cluster, as Istio writes it. */
  readonly workload: string;
  readonly namespace: string;
  readonly labels: Labels;
}

export type { HashTable };
