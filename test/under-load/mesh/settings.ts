// The parts of the mesh under load that never change: how proxies listen, and the settings of the mesh.

import { addressOf, at, ports } from "./addresses.ts";

/** How the sidecars listen; the client's also leads from a port of its own to the TCP service. */
export function scopes(net: number): string {
  return `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: shop }
spec:
  ingress:
    - { port: { number: ${ports.http}, protocol: HTTP, name: http }, defaultEndpoint: "0.0.0.0:${ports.httpApplication}" }
    - { port: { number: ${ports.grpc}, protocol: GRPC, name: grpc }, defaultEndpoint: "0.0.0.0:${ports.grpcApplication}" }
    - { port: { number: ${ports.tcp}, protocol: TCP, name: tcp }, defaultEndpoint: "0.0.0.0:${ports.tcpApplication}" }
  egress: [{ hosts: ["*/*"] }]
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: client, namespace: shop }
spec:
  workloadSelector: { labels: { app: client } }
  egress:
    - port: { number: ${ports.tcpService}, protocol: TCP, name: tcp }
      bind: ${addressOf(net, at.client)}
      captureMode: NONE
      hosts: ["shop/reviews.shop.svc.cluster.local"]
    - hosts: ["*/*"]
`;
}

/** Every request is logged with Envoy's response flags, which say why one failed. */
export function meshConfig(accessLog: string): string {
  return `
proxyHttpPort: ${ports.proxy}
connectTimeout: 1s
outboundTrafficPolicy: { mode: REGISTRY_ONLY }
defaultConfig: { interceptionMode: NONE }
accessLogFile: ${accessLog}
accessLogFormat: "%START_TIME% %RESPONSE_CODE% %RESPONSE_FLAGS% at=%DOWNSTREAM_LOCAL_ADDRESS% host=%REQ(:AUTHORITY)% cluster=%UPSTREAM_CLUSTER% upstream=%UPSTREAM_HOST% details=%RESPONSE_CODE_DETAILS% %UPSTREAM_TRANSPORT_FAILURE_REASON% %CONNECTION_TERMINATION_DETAILS% ms=%DURATION%\\n"
`;
}
