// Services, workloads and endpoints, whatever object they were written as.

import type { Labels, Locality, Visibility } from "./labels.ts";
import type { Origin } from "./origin.ts";

/** Application protocol of a port. `auto` means: detect it on the wire. */
export type Protocol =
  | "http"
  | "http2"
  | "grpc"
  | "grpc-web"
  | "https"
  | "tls"
  | "tcp"
  | "mongo"
  | "redis"
  | "mysql"
  | "udp"
  | "auto";

export interface ServicePort {
  readonly number: number;
  readonly name: string;
  readonly protocol: Protocol;
  /** What the endpoint listens on: a number, or the name of one of its ports. */
  readonly target: number | string;
}

/**
 * How a service's addresses are found: `static` by the endpoints known here (EDS), `dns` by resolving each endpoint
 * name and using every address (STRICT_DNS), `dns-round-robin` by one address at a time (LOGICAL_DNS), `none` by
 * keeping the address the client asked for (ORIGINAL_DST), `dynamic-dns` by resolving what the request names.
 */
export type Resolution = "static" | "dns" | "dns-round-robin" | "none" | "dynamic-dns";

/** One named destination. A service entry with several hosts makes one of these per host. */
export interface MeshService {
  /** Fully qualified, lower case; may begin with `*.` for resolution `none` and `dynamic-dns`. */
  readonly hostname: string;
  /** The object's name: `reviews`. Short names resolve to it only for `registry: "kubernetes"`. */
  readonly name: string;
  readonly namespace: string;
  /** `kubernetes` services answer to `name`, `name.ns`, `name.ns.svc`; `entry` ones to their hostname alone. */
  readonly registry: "kubernetes" | "entry";
  readonly ports: readonly ServicePort[];
  /** Virtual addresses or CIDRs; empty when it has none. */
  readonly addresses: readonly string[];
  readonly resolution: Resolution;
  readonly headless: boolean;
  /** Outside the mesh: never mutual TLS by itself. */
  readonly external: boolean;
  readonly visibility: Visibility;
  readonly subjectAltNames: readonly string[];
  /** Workloads of the same namespace that serve it; absent when endpoints come otherwise. */
  readonly selector?: Labels;
  /** Kubernetes ExternalName: the name that this one stands for. */
  readonly externalName?: string;
  readonly publishNotReady: boolean;
  readonly labels: Labels;
  readonly created?: string;
  readonly origin: Origin;
}

/** Something that can serve traffic or have a proxy: a pod, a VM entry, an inline endpoint, or a pod template. */
export interface Workload {
  readonly name: string;
  readonly namespace: string;
  /** `pod` and `entry` run; a `template` (Deployment, Job, ...) shows what would run and has no address; `inline` is an endpoint in a service entry. */
  readonly source: "pod" | "entry" | "template" | "inline";
  /** IPs, a DNS name, or `unix://path`. */
  readonly addresses: readonly string[];
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly serviceAccount: string;
  /** Port name → number: container ports of a pod, overrides of an entry. */
  readonly ports: Readonly<Record<string, number>>;
  readonly locality?: Locality;
  readonly network?: string;
  /** Relative; 0 means unset. */
  readonly weight: number;
  readonly ready: boolean;
  /** Whether a sidecar of the mesh terminates mutual TLS in front of it. */
  readonly mtls: boolean;
  /** On the host's network: injection leaves it alone, whatever its namespace says. */
  readonly hostNetwork?: boolean;
  readonly nodeName?: string;
  readonly origin: Origin;
}

/** Addresses of a Kubernetes service, from an EndpointSlice or Endpoints object. */
export interface EndpointSet {
  readonly serviceName: string;
  readonly namespace: string;
  readonly ports: readonly { readonly name: string; readonly number: number }[];
  readonly endpoints: readonly {
    readonly addresses: readonly string[];
    readonly state: "ready" | "draining" | "not-ready";
    /** The pod behind it, by name, if given. */
    readonly pod?: string;
    readonly zone?: string;
    readonly nodeName?: string;
  }[];
  readonly origin: Origin;
}

/** The endpoints that a service entry lists, for all of its hosts: apart from its services, which stay the same when these change. */
export interface ListedEndpoints {
  /** The entry's. */
  readonly name: string;
  readonly namespace: string;
  readonly hosts: readonly string[];
  readonly endpoints: readonly Workload[];
  readonly origin: Origin;
}

/** One resolved endpoint of one service port. */
export interface Endpoint {
  /** IP, DNS name, or `unix://path` (then `port` is 0). */
  readonly address: string;
  readonly port: number;
  readonly labels: Labels;
  readonly namespace: string;
  readonly workload: string;
  readonly serviceAccount: string;
  readonly locality?: Locality;
  readonly network?: string;
  /** 0 means unset, which counts as 1. */
  readonly weight: number;
  readonly mtls: boolean;
  readonly state: "healthy" | "draining" | "unhealthy";
  readonly origin: Origin;
}
