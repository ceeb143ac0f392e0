// What stage 5 needs to write one Listener: addresses, filter chains in order, and what each chain ends in.

import type { Origin } from "../../model/origin.ts";
import type { CertificateSource } from "./clusters.ts";
import type { RouteTablePlan } from "./routes.ts";

export interface ListenerPlan {
  /** `virtualOutbound`, `virtualInbound`, `0.0.0.0_9080`, `10.0.0.1_443`. */
  readonly name: string;
  readonly direction: "inbound" | "outbound";
  /** IP to listen on. */
  readonly address: string;
  readonly port: number;
  /** False: only reached from `virtualOutbound` by original destination. */
  readonly bindToPort: boolean;
  /** `envoy.filters.listener.original_dst` runs first. */
  readonly readsOriginalDst: boolean;
  /** `use_original_dst`: hand the connection to the listener of its original destination. */
  readonly handsOff: boolean;
  readonly detectTls: boolean;
  readonly detectHttp: boolean;
  /** Destination ports whose connections are not inspected: there the server may be the one that speaks first. */
  readonly noTlsDetectionOn?: readonly number[];
  readonly noHttpDetectionOn?: readonly number[];
  /** 0: wait for ever. Only with detection. */
  readonly detectionTimeoutMs: number;
  readonly chains: readonly FilterChainPlan[];
  /** Envoy's default_filter_chain. */
  readonly fallback?: FilterChainPlan;
  readonly accessLog?: AccessLogPlan;
  readonly origins: readonly Origin[];
}

export interface FilterChainPlan {
  readonly name: string;
  readonly match: ChainMatch;
  readonly tls?: DownstreamTlsPlan;
  /** Policies already selected for this proxy and port; each kind turns its own into filters. */
  readonly policies: readonly EffectivePolicy[];
  readonly terminal: HttpTerminal | TcpTerminal;
  readonly origins: readonly Origin[];
}

/** Empty lists match anything. */
export interface ChainMatch {
  readonly destinationPort?: number;
  /** CIDRs. */
  readonly prefixRanges: readonly string[];
  readonly sourcePrefixRanges: readonly string[];
  readonly serverNames: readonly string[];
  readonly transportProtocol?: "tls" | "raw_buffer";
  readonly applicationProtocols: readonly string[];
}

/**
 * `alpn` is what the server agrees to speak, and what Envoy then speaks: `h2`, and HTTP/1 for any other name. So the mesh's
 * own names (`istio-h2`) belong into chain matches, which look at what the client offers, never here.
 */
export type DownstreamTlsPlan =
  /** Workload certificate and mesh roots by SDS (`default`, `ROOTCA`), client certificate required. */
  | {
      readonly type: "mesh";
      /** Of which the client must be; any if empty. */
      readonly trustDomains: readonly string[];
      /** Of which the client must have one, whatever its trust domain is; empty: of the trust domains. */
      readonly subjectAltNames?: readonly string[];
      readonly alpn: readonly string[];
      readonly minVersion?: "TLSV1_2" | "TLSV1_3";
    }
  | {
      readonly type: "server";
      readonly certificates: readonly CertificateSource[];
      readonly clientCa?:
        | { readonly type: "sds"; readonly name: string }
        | { readonly type: "file"; readonly path: string };
      readonly requireClientCertificate: boolean;
      readonly subjectAltNames: readonly string[];
      readonly verifyCertificateSpki: readonly string[];
      readonly verifyCertificateHash: readonly string[];
      readonly minVersion?: string;
      readonly maxVersion?: string;
      readonly cipherSuites: readonly string[];
      readonly insecureSkipVerify: boolean;
      readonly alpn: readonly string[];
    };

export interface HttpTerminal {
  readonly type: "http";
  readonly statPrefix: string;
  readonly routes:
    | { readonly type: "rds"; readonly name: string }
    | { readonly type: "inline"; readonly table: RouteTablePlan };
  readonly role: "outbound" | "inbound" | "gateway" | "http-proxy";
  /** Inbound mTLS chains append what the certificate says; others sanitize or forward, as Istio does. */
  readonly forwardClientCert:
    | "sanitize"
    | "forward-only"
    | "append-forward"
    | "sanitize-set"
    | "always-forward-only";
  readonly trustedHops: number;
  readonly pathNormalization: "none" | "base" | "merge-slashes" | "decode-and-merge-slashes";
  readonly accessLog?: AccessLogPlan;
  /** Routes may inject faults. Best the same for all chains of a role: a filter that comes later drains the listener. */
  readonly usesFault: boolean;
}

export interface TcpTerminal {
  readonly type: "tcp";
  /** Where policies see the chain; absent: inbound or outbound as its listener. */
  readonly role?: "gateway";
  readonly statPrefix: string;
  readonly clusters: readonly { readonly cluster: string; readonly weight: number }[];
  readonly idleTimeoutMs?: number;
  readonly hashSourceIp: boolean;
  readonly accessLog?: AccessLogPlan;
  /** AUTO_PASSTHROUGH: the cluster is named by the SNI (`envoy.filters.network.sni_cluster`). */
  readonly clusterFromSni: boolean;
}

export interface AccessLogPlan {
  readonly file: string;
  readonly format: string;
  readonly encoding: "TEXT" | "JSON";
  /** Only requests that no route or chain took (response flag NR): the listener's own log. */
  readonly onlyUnrouted: boolean;
}

/** A policy resolved for one chain: `policy` names its kind, `effective` is what that kind made of it. */
export interface EffectivePolicy {
  readonly policy: string;
  readonly effective: unknown;
  readonly origins: readonly Origin[];
}
