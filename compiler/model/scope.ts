// What one sidecar is told about the mesh, and how it listens for its own workload.

import type { ConnectionPool } from "./destination.ts";
import type { ServerTls } from "./gateway.ts";
import type { Labels } from "./labels.ts";
import type { Origin } from "./origin.ts";
import type { Protocol } from "./service.ts";

/**
 * One sidecar scope. Without `selector` it is its namespace's default (the root namespace's: the mesh's); an empty one selects every
 * workload of the namespace, before its default.
 */
export interface ProxyScope {
  readonly name: string;
  readonly namespace: string;
  readonly selector?: Labels;
  readonly ingress: readonly ScopeIngress[];
  /** Absent: everything that is visible. */
  readonly egress?: readonly ScopeEgress[];
  readonly outboundPolicy?: OutboundPolicy;
  readonly inboundConnectionPool?: ConnectionPool;
  readonly created?: string;
  readonly origin: Origin;
}

export interface ScopePort {
  readonly number: number;
  readonly name: string;
  readonly protocol: Protocol;
}

export interface ScopeIngress {
  readonly port: ScopePort;
  readonly bind?: string;
  /** `none`: the listener binds its port itself, because nothing redirects traffic to it. */
  readonly captureMode: "default" | "iptables" | "none";
  /** `127.0.0.1:port`, `0.0.0.0:port` (the workload's own address), or `unix://path`; absent: wherever the connection was going. */
  readonly defaultEndpoint?: string;
  readonly tls?: ServerTls;
  readonly connectionPool?: ConnectionPool;
  readonly origin: Origin;
}

export interface ScopeEgress {
  readonly port?: ScopePort;
  readonly bind?: string;
  readonly captureMode: "default" | "iptables" | "none";
  /** `namespace` is `*`, `.` (the proxy's own, which the mesh's default scope cannot know), `~` (nothing), or a name; `host` is a DNS name, wildcards allowed. */
  readonly hosts: readonly { readonly namespace: string; readonly host: string }[];
  readonly origin: Origin;
}

/** What happens to traffic for a destination that nothing here names. */
export type OutboundPolicy = { readonly mode: "allow-any" } | { readonly mode: "registry-only" };
