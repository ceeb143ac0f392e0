// What a client speaks to one cluster, as far as it can be told from the port and the policy: HTTP version, mesh TLS.

import type { MeshConfig } from "../model/mesh-config.ts";
import type { MeshService, Protocol, ServicePort } from "../model/service.ts";
import type { Caller } from "./caller.ts";
import type { ClusterPlan } from "./plan/index.ts";
import type { EffectiveTraffic } from "./traffic-policy.ts";

/** What a port of this protocol speaks, if nobody asks for anything else. */
export function protocolOf(protocol: Protocol): ClusterPlan["protocol"] {
  switch (protocol) {
    case "http2":
    case "grpc":
    case "grpc-web":
      return "http2";
    case "http":
      return "http1";
    case "auto":
      return "downstream";
    default:
      return "tcp";
  }
}

/** `router`: for a gateway. */
export function upstreamProtocol(
  port: ServicePort,
  traffic: EffectiveTraffic,
  config: MeshConfig,
  router: boolean,
): ClusterPlan["protocol"] {
  const pool = traffic.connectionPool?.http;
  const upgrade = pool && pool.h2Upgrade !== "default" ? pool.h2Upgrade : config.h2Upgrade;
  const spoken = protocolOf(port.protocol);
  if (spoken === "tcp") return spoken;
  // Before any upgrade, the mesh's as well.
  if (pool?.useClientProtocol) return "downstream";
  switch (spoken) {
    case "http1":
      return upgrade === "upgrade" ? "http2" : "http1";
    case "downstream":
      if (pool?.h2Upgrade === "upgrade") return "http2";
      // A gateway's clients are browsers, whose HTTP/2 says nothing about what the workload understands.
      return router ? "http1" : "downstream";
    default:
      return spoken;
  }
}

/**
 * Whether the cluster leaves it to each request which HTTP is spoken over mesh TLS. Then the server can only tell HTTP
 * from TCP if the request says by ALPN what it is. Connections that turn out to be plain text ignore the ALPN.
 */
export function namesProtocolPerRequest(
  client: Caller,
  service: MeshService,
  port: ServicePort,
  traffic: EffectiveTraffic,
  config: MeshConfig,
): boolean {
  if (!client.hasIdentity) return false;
  const mesh = traffic.tls ? traffic.tls.mode === "mesh" : config.enableAutoMtls && !service.external;
  return mesh && upstreamProtocol(port, traffic, config, client.type === "router") === "downstream";
}
