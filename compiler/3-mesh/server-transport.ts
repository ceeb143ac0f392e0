// What a gateway server speaks on its port before any routing. The check that reports a conflict and the plan that
// settles it must agree, so both ask here.

import type { GatewayServer } from "../model/gateway.ts";

/** Servers with different transports cannot share a port: the oldest gateway's keeps it. */
export function transportOf(server: GatewayServer): "http" | "tls" | "tcp" {
  if (server.tls?.mode) return "tls";
  switch (server.port.protocol) {
    case "http":
    case "http2":
    case "grpc":
    case "grpc-web":
      return "http";
    case "https":
    case "tls":
      return "tls";
    default:
      return "tcp";
  }
}

/** Whether it ends TLS itself, and so takes every connection for its hosts. */
export function opensTls({ tls }: GatewayServer): boolean {
  return tls?.mode !== undefined && tls.mode !== "passthrough" && tls.mode !== "auto-passthrough";
}
