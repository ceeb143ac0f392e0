// A policy state as YAML objects, and those as files.

import type { TestCertificate } from "../../envoy/index.ts";
import { addressOf, ports, ratings, servicePorts } from "../mesh/addresses.ts";
import type { ObjectId, Policy } from "./state.ts";

export interface Surroundings {
  readonly net: number;
  readonly certificates: readonly TestCertificate[];
}

/** Text by file name. */
export type Files = ReadonlyMap<string, string>;

export function filesOf(policy: Policy, surroundings: Surroundings): Files {
  const objects = objectsOf(policy, surroundings);
  const files = new Map<string, string>();
  for (const [id, text] of Object.entries(objects)) {
    const file = policy.files.get(id);
    if (file === undefined) throw new Error(`no file for ${id}`);
    const before = files.get(file);
    files.set(file, before === undefined ? text.trimStart() : `${before}---${text}`);
  }
  return files;
}

function objectsOf(policy: Policy, surroundings: Surroundings): Readonly<Record<ObjectId, string>> {
  return {
    "mesh-services": services(policy),
    slice: slices(policy, surroundings.net),
    rule: rule(policy),
    routes: routes(policy),
    gateway: gateway(policy),
    "front-routes": frontRoutes(policy),
    secret: secret(policy, surroundings.certificates),
    peers: peers(policy),
  };
}

function services({ frontPort, targetPort, stage }: Policy): string {
  return `
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec:
  selector: { app: reviews }
  ports:
    - { name: http, port: ${servicePorts.http}, targetPort: ${ports.http} }
    - { name: grpc, port: ${servicePorts.grpc}, targetPort: ${ports.grpc} }
    - { name: tcp, port: ${ports.tcpService}, targetPort: ${ports.tcp} }
---
apiVersion: v1
kind: Service
metadata: { name: ratings, namespace: shop }
spec:
  ports:
    - { name: http, port: ${servicePorts.http}, targetPort: ${ports[targetPort]} }
    - { name: http-front, port: ${frontPort}, targetPort: ${ports[targetPort]} }
${stage === "ratings" ? "" : `---${stageService(stage, ports[targetPort])}`}`;
}

function stageService(name: string, targetPort: number): string {
  return `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec:
  ports:
    - { name: http, port: ${servicePorts.http}, targetPort: ${targetPort} }
`;
}

function slices(policy: Policy, net: number): string {
  const names = [...new Set(["ratings", policy.stage])];
  return names.map((name) => slice(name, policy, net)).join("---");
}

function slice(service: string, { endpoints, targetPort }: Policy, net: number): string {
  const lines = [...endpoints]
    .sort(([a], [b]) => a - b)
    .map(([index, state]) => {
      const conditions = state === "ready" ? "ready: true" : "ready: false, serving: true, terminating: true";
      return `  - { addresses: [${addressOf(net, ratings.first + index)}], conditions: { ${conditions} } }`;
    });
  return `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${service}, namespace: shop, labels: { kubernetes.io/service-name: ${service} } }
addressType: IPv4
ports:
  - { name: http, port: ${ports[targetPort]} }
  - { name: http-front, port: ${ports[targetPort]} }
endpoints:
${lines.join("\n")}
`;
}

function rule({ subsets, loadBalancer }: Policy): string {
  const lines = subsets.map(
    ({ name, version }) => `    - { name: ${name}, labels: { version: ${version} } }`,
  );
  return `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy: { loadBalancer: { simple: ${loadBalancer} } }
  subsets:
${lines.join("\n")}
`;
}

const noRetries = "retries: { attempts: 0 }";

function weighted({ subsets }: Policy, port: number, host = "reviews"): string {
  const destinations = subsets.map(
    ({ name, weight }) =>
      `{ destination: { host: ${host}, subset: ${name}, port: { number: ${port} } }, weight: ${weight} }`,
  );
  return `[${destinations.join(", ")}]`;
}

/** Without retries, which would hide what is lost. Streams have no timeout: it would end them. */
function routes(policy: Policy): string {
  const timeout = policy.timeout === 0 ? "" : `, timeout: ${policy.timeout}s`;
  return `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - { name: streams, match: [{ port: ${servicePorts.grpc} }], route: ${weighted(policy, servicePorts.grpc)}, ${noRetries} }
    - { name: pages, route: ${weighted(policy, servicePorts.http)}, ${noRetries}${timeout} }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ratings, namespace: shop }
spec:
  hosts: [ratings]
  http:
    - { route: [{ destination: { host: ${policy.stage}, port: { number: ${servicePorts.http} } } }], ${noRetries}${timeout} }
`;
}

/** The hosts that the gateway always offers. */
export const frontHosts = { reviews: "reviews.example", ratings: "ratings.example" } as const;

function gateway({ extraHosts, credential }: Policy): string {
  const hosts = JSON.stringify([frontHosts.reviews, frontHosts.ratings, ...extraHosts]);
  return `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: front, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - { port: { number: ${ports.gatewayHttp}, name: http, protocol: HTTP }, hosts: ${hosts} }
    - { port: { number: ${ports.gatewayHttps}, name: https, protocol: HTTPS }, hosts: ${hosts}, tls: { mode: SIMPLE, credentialName: ${credential} } }
    - { port: { number: ${ports.gatewayTcp}, name: tcp, protocol: TCP }, hosts: ["*"] }
`;
}

function frontRoutes(policy: Policy): string {
  const service = "reviews.shop.svc.cluster.local";
  const hosts = JSON.stringify([frontHosts.reviews, ...policy.extraHosts]);
  return `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: front-reviews, namespace: shop }
spec:
  hosts: ${hosts}
  gateways: [front]
  http: [{ route: ${weighted(policy, servicePorts.http, service)}, ${noRetries} }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: front-ratings, namespace: shop }
spec:
  hosts: [${frontHosts.ratings}]
  gateways: [front]
  http: [{ route: [{ destination: { host: ratings, port: { number: ${policy.frontPort} } } }], ${noRetries} }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: front-tcp, namespace: shop }
spec:
  hosts: ["*"]
  gateways: [front]
  tcp: [{ match: [{ port: ${ports.gatewayTcp} }], route: [{ destination: { host: reviews, port: { number: ${ports.tcpService} } } }] }]
`;
}

function secret({ certificate, credential }: Policy, certificates: readonly TestCertificate[]): string {
  const chosen = certificates[certificate];
  if (!chosen) throw new Error(`there is no certificate ${certificate}`);
  return `
apiVersion: v1
kind: Secret
metadata: { name: ${credential}, namespace: shop }
type: kubernetes.io/tls
stringData:
  tls.crt: ${JSON.stringify(chosen.certificate)}
  tls.key: ${JSON.stringify(chosen.privateKey)}
`;
}

function peers({ mtls }: Policy): string {
  return `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec: { mtls: { mode: ${mtls} } }
`;
}
