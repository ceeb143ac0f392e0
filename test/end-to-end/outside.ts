// Whom the sidecars of `outbound.test.ts` reach outside the mesh, and the policy that leads there.

import { ports } from "./cast.ts";

/** The address of applications that are not in the mesh. */
export const outside = "127.0.27.9";
/** Ports there: TLS, and TLS that asks for a certificate. */
export const secure = 21443;
export const mutual = 21444;
/** On 127.0.0.1, where `localhost` leads. */
export const local = 21990;
/** An HTTP listener of the client's own. */
export const ownHttp = 21081;

/** What the client listens for besides its HTTP proxy. */
export const clientScope = `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: client, namespace: shop }
spec:
  workloadSelector: { labels: { app: client } }
  egress:
    - port: { number: ${ports.tcpService}, protocol: TCP, name: tcp }
      bind: 127.0.27.1
      captureMode: NONE
      hosts: ["shop/reviews.shop.svc.cluster.local"]
    - port: { number: ${secure}, protocol: TLS, name: tls }
      bind: 127.0.27.1
      captureMode: NONE
      hosts: ["*/*.tls.example"]
    - port: { number: ${ownHttp}, protocol: HTTP, name: http }
      bind: 127.0.27.1
      captureMode: NONE
      hosts: ["*/own.example"]
    - hosts: ["*/*"]
`;

/** A service entry. */
export const entry = (spec: string, name = "entry", namespace = "shop") => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  ${spec.trim().split("\n").join("\n  ")}
`;
