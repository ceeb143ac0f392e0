// Where everything of the mesh under load is: one loopback network, ports that no other suite uses.

/** Last numbers of the addresses. */
export const at = { ingress: 2, client: 1, "reviews-v1": 3, "reviews-v2": 4, plane: 254 } as const;

/** How many workloads `ratings` may have at most, and the last number of the first one's address. */
export const ratings = { most: 6, first: 11 } as const;

/** The ports of every workload, and of the gateway. */
export const ports = {
  /** The sidecar's explicit HTTP proxy. */
  proxy: 22080,
  /** Where a workload is called: by its sidecar, or by the application itself where it has none. */
  http: 22000,
  tcp: 22001,
  grpc: 22002,
  /** A second port of the workloads of `ratings`, with the same application behind it. */
  otherHttp: 22003,
  /** The applications behind sidecars. */
  httpApplication: 22100,
  tcpApplication: 22101,
  grpcApplication: 22102,
  /** What a client calls the TCP service by, on its own address. */
  tcpService: 22009,
  gatewayHttp: 22500,
  gatewayHttps: 22501,
  gatewayTcp: 22502,
  xds: 22012,
  http14: 22014,
  /** On 127.0.0.1; the network's number is added. */
  plaintext: 22200,
} as const;

/** Ports of services, as policy and clients name them. */
export const servicePorts = { http: 9080, grpc: 9090 } as const;

/** `127.0.N.x`. */
export function addressOf(net: number, last: number): string {
  return `127.0.${net}.${last}`;
}
