// A DestinationRule, as far as `traffic-policy.test.ts` makes them up.

/** Times are like `250ms` or `2s`. */
export interface Sections {
  readonly loadBalancer?: {
    readonly simple?: "UNSPECIFIED" | "LEAST_CONN" | "LEAST_REQUEST" | "RANDOM" | "ROUND_ROBIN";
    readonly consistentHash?: {
      readonly httpHeaderName?: string;
      readonly httpCookie?: { readonly name: string; readonly path?: string; readonly ttl?: string };
      readonly useSourceIp?: true;
      readonly httpQueryParameterName?: string;
      readonly ringHash?: { readonly minimumRingSize: number };
      readonly maglev?: { readonly tableSize: number };
      readonly minimumRingSize?: number;
    };
    readonly warmup?: { readonly duration: string };
  };
  readonly connectionPool?: {
    readonly tcp?: {
      readonly maxConnections?: number;
      readonly connectTimeout?: string;
      readonly tcpKeepalive?: Keepalive;
      readonly maxConnectionDuration?: string;
      readonly idleTimeout?: string;
    };
    readonly http?: {
      readonly http1MaxPendingRequests?: number;
      readonly http2MaxRequests?: number;
      readonly maxRequestsPerConnection?: number;
      readonly maxRetries?: number;
      readonly idleTimeout?: string;
      readonly h2UpgradePolicy?: "DEFAULT" | "DO_NOT_UPGRADE" | "UPGRADE";
      readonly useClientProtocol?: boolean;
      readonly maxConcurrentStreams?: number;
    };
  };
  readonly outlierDetection?: {
    readonly consecutive5xxErrors?: number;
    readonly consecutiveGatewayErrors?: number;
    readonly splitExternalLocalOriginErrors?: boolean;
    readonly consecutiveLocalOriginFailures?: number;
    readonly interval: string;
    readonly baseEjectionTime: string;
    readonly maxEjectionPercent?: number;
    readonly minHealthPercent?: number;
  };
  readonly tls?: {
    readonly mode: "DISABLE" | "SIMPLE" | "MUTUAL" | "ISTIO_MUTUAL";
    readonly insecureSkipVerify?: boolean;
    readonly caCertificates?: string;
    readonly clientCertificate?: string;
    readonly privateKey?: string;
    readonly credentialName?: string;
    readonly subjectAltNames?: readonly string[];
    readonly sni?: string;
  };
}

export interface Keepalive {
  readonly probes?: number;
  readonly time?: string;
  readonly interval?: string;
}

/** What no port has of its own. */
export interface Policy extends Sections {
  readonly proxyProtocol?: { readonly version?: "V1" | "V2" };
  readonly retryBudget?: { readonly percent?: number; readonly minRetryConcurrency?: number };
}

export interface TrafficPolicy extends Policy {
  readonly portLevelSettings?: readonly (Sections & { readonly port: { readonly number: number } })[];
}

export interface Rule {
  readonly namespace: string;
  readonly host: string;
  readonly workloadSelector?: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly trafficPolicy?: TrafficPolicy;
  readonly subsets: readonly { readonly name: string; readonly trafficPolicy?: TrafficPolicy }[];
}
