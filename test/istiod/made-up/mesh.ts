// The mesh that made-up policies are for: its services, who runs them, and the proxies whose configuration is compared.

import type { Locality, MeshProxy } from "#compiler";
import { oneOf, optional } from "./arbitraries.ts";

/** Ports of each host that policy may mean; those of outside hosts, and `headless`, are there in some worlds. */
export const portsOf: Readonly<Record<string, readonly number[]>> = {
  "reviews.default.svc.cluster.local": [9080, 80],
  "ratings.other.svc.cluster.local": [9080],
  "db.default.svc.cluster.local": [5432],
  "any.default.svc.cluster.local": [7000],
  "grpc.other.svc.cluster.local": [7070],
  "api.example.com": [80, 443],
  "www.example.com": [80],
  "tls.example.com": [443],
  "tcp.example.com": [5432],
  "headless.default.svc.cluster.local": [9080, 5432],
};

export const namespaces = oneOf("default", "other", "istio-system");
/** Short ones, full ones and wildcards. */
export const hostPatterns = oneOf(
  ...["reviews", "*.example.com", "*.default.svc.cluster.local", "*.svc.cluster.local"],
  "alias.default.svc.cluster.local",
  ...Object.keys(portsOf),
);
export const exportTo = optional(oneOf(["*"], ["."], ["other"], ["default", "other"]), 3);

interface Service {
  readonly name: string;
  readonly namespace: string;
  readonly app: string;
  readonly ip: string;
  readonly ports: string;
}

// `any` has a port whose protocol is detected: its name says none.
const services: readonly Service[] = [
  {
    ...{ name: "reviews", namespace: "default", app: "reviews", ip: "10.0.0.10" },
    ports: "{ name: http, port: 9080 }, { name: http-alt, port: 80, targetPort: 8080 }",
  },
  {
    name: "ratings",
    namespace: "other",
    app: "ratings",
    ip: "10.0.0.11",
    ports: "{ name: http, port: 9080 }",
  },
  { name: "db", namespace: "default", app: "db", ip: "10.0.0.20", ports: "{ name: tcp, port: 5432 }" },
  { name: "any", namespace: "default", app: "reviews", ip: "10.0.0.30", ports: "{ name: x, port: 7000 }" },
  { name: "grpc", namespace: "other", app: "ratings", ip: "10.0.0.12", ports: "{ name: grpc, port: 7070 }" },
];

interface Pod {
  readonly name: string;
  readonly namespace: string;
  readonly ip: string;
  readonly app: string;
  readonly version?: string;
}

const pods: readonly Pod[] = [
  { name: "reviews-v1", namespace: "default", ip: "10.1.0.1", app: "reviews", version: "v1" },
  { name: "reviews-v2", namespace: "default", ip: "10.1.0.2", app: "reviews", version: "v2" },
  { name: "db-1", namespace: "default", ip: "10.1.0.3", app: "db" },
  { name: "ratings-1", namespace: "other", ip: "10.1.0.4", app: "ratings", version: "v1" },
  { name: "client", namespace: "default", ip: "10.1.0.9", app: "client" },
  { name: "stranger", namespace: "other", ip: "10.1.0.8", app: "stranger" },
];

const serviceText = ({ name, namespace, app, ip, ports }: Service) => `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { selector: { app: ${app} }, clusterIP: ${ip}, ports: [${ports}] }
`;

// The database has no sidecar.
const podText = ({ name, namespace, ip, app, version }: Pod) => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  namespace: ${namespace}
  labels:
    app: ${app}
${version === undefined ? "" : `    version: ${version}\n`}${app === "db" ? "" : "    security.istio.io/tlsMode: istio\n"}\
spec: { serviceAccountName: ${app}, containers: [{ name: app, image: app }] }
status: { phase: Running, podIP: ${ip} }
`;

export const meshText = [...services.map(serviceText), ...pods.map(podText)].join("---\n");

function proxyOf({ name, namespace, ip, app, version }: Pod, locality?: Locality): MeshProxy {
  return {
    ...{ id: `${name}.${namespace}`, type: "sidecar", name, namespace, ip, serviceAccount: app },
    labels: { app, ...(version !== undefined && { version }) },
    ...{ interceptionMode: "REDIRECT", hasIdentity: true, ...(locality && { locality }) },
  };
}

const gateway: MeshProxy = {
  ...{ id: "gw.istio-system", type: "router", name: "gw", namespace: "istio-system", ip: "10.1.0.99" },
  ...{ labels: { istio: "ingressgateway" }, serviceAccount: "gw" },
  ...{ interceptionMode: "REDIRECT", hasIdentity: true },
};

const podCalled = (wanted: string): Pod => {
  const pod = pods.find(({ name }) => name === wanted);
  if (!pod) throw new Error(`no pod is called ${wanted}`);
  return pod;
};

/** A client that knows where it is, one elsewhere, a server, and the gateway. */
export const proxies: readonly MeshProxy[] = [
  proxyOf(podCalled("client"), { region: "eu", zone: "a", subzone: "1" }),
  proxyOf(podCalled("stranger")),
  proxyOf(podCalled("reviews-v1")),
  gateway,
];
