// For whom a view is made: one Envoy, or one gRPC client without, and what of it the configuration may depend on.

import type { Labels, Locality } from "../model/labels.ts";
import type { InterceptionMode } from "../model/mesh-config.ts";

export interface MeshProxy {
  /** `name.namespace`, as in an Envoy node id. */
  readonly id: string;
  /** `proxyless`: an application whose gRPC library speaks xDS itself. */
  readonly type: "sidecar" | "router" | "proxyless";
  readonly name: string;
  readonly namespace: string;
  /** Its workload's first address; empty for one that does not run yet (a template). */
  readonly ip: string;
  readonly labels: Labels;
  readonly serviceAccount: string;
  readonly locality?: Locality;
  readonly interceptionMode: InterceptionMode;
  /**
   * Whether it can be given certificates: false on a plain-text stream. Such a proxy speaks and accepts plain text
   * only, because a listener that waits for a certificate that never comes would not listen at all.
   */
  readonly hasIdentity: boolean;
}

/**
 * The address that means "all of mine". On loopback every workload has an address of its own, so that many proxies
 * can listen on the same port of one machine.
 */
export function wildcardAddress(proxy: MeshProxy): string {
  if (proxy.ip.startsWith("127.")) return proxy.ip;
  return proxy.ip.includes(":") ? "::" : "0.0.0.0";
}

/** Where the proxy's own application finds it, and it its application. */
export function localAddress(proxy: MeshProxy): string {
  if (proxy.ip.startsWith("127.")) return proxy.ip;
  return proxy.ip.includes(":") ? "::1" : "127.0.0.1";
}
