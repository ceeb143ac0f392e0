// Who is in a test mesh, and the policy files that say so: workloads on loopback addresses of their own.

/** The ports of every workload. Each test file has a network of its own (`127.0.N.*`), so that files can run side by side. */
export const ports = {
  /** The sidecar's explicit HTTP proxy. */
  proxy: 21080,
  /** Where a workload is called: by its sidecar, or by the application itself where it has none. */
  service: 21000,
  /** The application behind a sidecar. */
  application: 21100,
  /** TCP, likewise. */
  tcp: 21001,
  tcpApplication: 21101,
  /** What clients call a TCP service by. */
  tcpService: 21009,
} as const;

export interface Member {
  /** `reviews-v1`: the labels are `app: reviews` and `version: v1`. */
  readonly name: string;
  /** Last number of its address. */
  readonly at: number;
  /** Default `shop`. */
  readonly namespace?: string;
  /** An Envoy of its own. `gateway` is labelled `istio: ingressgateway`. Without one, the workload is plain. */
  readonly envoy?: "sidecar" | "gateway";
  /** Default: its `app` label. Plain workloads have none. */
  readonly serviceAccount?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** What it serves. Default: HTTP for plain workloads and sidecars, nothing for gateways. */
  readonly serves?: readonly ("http" | "tcp")[];
}

export function labelsOf(member: Member): Readonly<Record<string, string>> {
  const [, app = member.name, version] = /^(.+?)(?:-(v\d+))?$/.exec(member.name) ?? [];
  return {
    app,
    ...(version === undefined ? {} : { version }),
    ...(member.envoy === "gateway" ? { istio: "ingressgateway" } : {}),
    ...member.labels,
  };
}

export function namespaceOf(member: Member): string {
  return member.namespace ?? "shop";
}

export function serviceAccountOf(member: Member): string {
  return member.envoy === undefined ? "" : (member.serviceAccount ?? labelsOf(member).app ?? "");
}

/** Workload entries for all, and one sidecar scope per namespace for those with a sidecar. */
export function castFile(net: number, members: readonly Member[]): string {
  const entries = members.map((member) =>
    [
      "apiVersion: networking.istio.io/v1",
      "kind: WorkloadEntry",
      "metadata:",
      `  name: ${member.name}`,
      `  namespace: ${namespaceOf(member)}`,
      "spec:",
      `  address: 127.0.${net}.${member.at}`,
      ...(serviceAccountOf(member) === "" ? [] : [`  serviceAccount: ${serviceAccountOf(member)}`]),
      "  labels:",
      ...Object.entries(labelsOf(member)).map(([key, value]) => `    ${key}: "${value}"`),
    ].join("\n"),
  );
  return entries.join("\n---\n");
}

/** How sidecars of a namespace listen, and what they are told (default: everything). */
export function scopeFile(namespace: string, egress: readonly string[] = ["*/*"]): string {
  return `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata:
  name: default
  namespace: ${namespace}
spec:
  ingress:
    - port: { number: ${ports.service}, protocol: HTTP, name: http }
      defaultEndpoint: 0.0.0.0:${ports.application}
    - port: { number: ${ports.tcp}, protocol: TCP, name: tcp }
      defaultEndpoint: 0.0.0.0:${ports.tcpApplication}
  egress:
    - hosts: ${JSON.stringify(egress)}
`;
}

/** A Kubernetes service for an application: HTTP on 80 and 9080, and TCP if asked for. */
export function serviceFile(app: string, options: { namespace?: string; tcp?: boolean } = {}): string {
  return `
apiVersion: v1
kind: Service
metadata: { name: ${app}, namespace: ${options.namespace ?? "shop"} }
spec:
  selector: { app: ${app} }
  ports:
    - { name: http, port: 9080, targetPort: ${ports.service} }
    - { name: http-alt, port: 80, targetPort: ${ports.service} }
${options.tcp ? `    - { name: tcp, port: ${ports.tcpService}, targetPort: ${ports.tcp} }` : ""}
`;
}

/** Mesh config of the explicit-proxy mode; `more` is appended. */
export function meshConfigFile(more = ""): string {
  return `
proxyHttpPort: ${ports.proxy}
connectTimeout: 1s
outboundTrafficPolicy: { mode: REGISTRY_ONLY }
defaultConfig: { interceptionMode: NONE }
${more}
`;
}
