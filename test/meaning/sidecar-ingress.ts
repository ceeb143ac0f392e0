// What a Sidecar makes of what comes to its workload, without interception, as Istio's reference says it: where there are listeners, where
// they lead, and how much the workload is said to bear. In: the Sidecar in force, rules and a port. Out: who answers.

import type { Sidecar } from "./sidecar.ts";

export interface Workload {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly address: string;
}

export interface Listener {
  readonly port: { readonly number: number; readonly protocol?: string; readonly name: string };
  /** Else the workload's own address, which stands for all and for localhost on loopback. */
  readonly bind?: string;
  readonly captureMode?: "DEFAULT" | "IPTABLES" | "NONE";
}

export interface Ingress extends Listener {
  readonly defaultEndpoint?: string;
  readonly connectionPool?: Pool;
}

export interface Pool {
  readonly tcp?: { readonly maxConnections: number };
  readonly http?: { readonly maxRetries: number };
}

/** The only rule for the service that a workload is of, which calls its ports what the workload calls them. */
export interface Rule {
  readonly app: string;
  readonly connectionPool?: Pool;
  readonly portLevelSettings?: readonly {
    readonly port: { readonly number: number };
    readonly connectionPool: Pool;
  }[];
}

/** Who serves at `127.0.0.1:21000` or on the path of a socket. */
export type Addresses = Readonly<Record<string, string | undefined>>;

export interface Outcome {
  /** 0: the connection was cut. -1: nobody listens. */
  readonly status: number;
  readonly server?: string;
  readonly protocol?: "HTTP" | "TCP";
  /** What the workload behind the listener can bear. */
  readonly pool?: Pool;
}

/** Undefined: nobody listens there. */
export function ingressOutcome(
  spec: Sidecar["spec"],
  rules: readonly Rule[],
  addresses: Addresses,
  { at, address, port }: { readonly at: Workload; readonly address: string; readonly port: number },
): Outcome | undefined {
  // What only a redirection would bring has no listener where nothing is redirected (istiod: getBindToPort).
  const ingress = spec.ingress?.find(
    (each) => isAt(each, at, address, port) && each.captureMode !== "IPTABLES",
  );
  if (!ingress) return undefined;
  const isHttp = isHttpPort(ingress.port);
  const pool = poolOf(spec, rules, ingress, at);
  const said = { pool: isHttp ? pool : { ...(pool.tcp && { tcp: pool.tcp }) } };
  // Without an endpoint it is the original destination, which there is none of (istiod: buildInboundClustersFromSidecar).
  const server = ingress.defaultEndpoint && addresses[placeOf(ingress.defaultEndpoint, at)];
  if (server === undefined) return { ...said, status: isHttp ? 503 : 0 };
  // The applications of the test know HTTP/1.1, and are spoken to in what the port says.
  if (isHttp && !/^http$/i.test(ingress.port.protocol ?? "http")) return { ...said, status: 502 };
  return { ...said, status: 200, server, protocol: isHttp ? "HTTP" : "TCP" };
}

export function isAt({ port, bind }: Listener, at: Workload, address: string, number: number): boolean {
  return port.number === number && (bind ?? at.address) === address;
}

/** Without a protocol it is detected, and all calls are HTTP. */
export function isHttpPort({ protocol = "HTTP" }: Listener["port"]): boolean {
  return ["HTTP", "HTTP2", "GRPC", "GRPC-WEB"].includes(protocol.toUpperCase());
}

/** "127.0.0.1:PORT, [::1]:PORT (forward to localhost), 0.0.0.0:PORT, [::]:PORT (forward to the instance IP)": it is the one that there is. */
function placeOf(endpoint: string, { address }: Workload): string {
  return endpoint
    .replace(/^(0\.0\.0\.0|\[::\]):/, `${address}:`)
    .replace(/^\[::1\]:/, "127.0.0.1:")
    .replace(/^unix:\/\//, "");
}

/** The port's, the Sidecar's, that of a rule for the port and that of a rule: "the connection pool settings are overridden, not merged". */
function poolOf(
  { inboundConnectionPool }: Sidecar["spec"],
  rules: readonly Rule[],
  { connectionPool, port: { number } }: Ingress,
  { labels }: Workload,
): Pool {
  const rule = rules.find(({ app }) => app === labels.app);
  const atPort = rule?.portLevelSettings?.find(({ port }) => port.number === number);
  return connectionPool ?? inboundConnectionPool ?? (atPort ?? rule)?.connectionPool ?? {};
}
