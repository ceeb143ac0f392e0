// All kinds of traffic at once, over every way through the mesh.

import { testRoot } from "../../envoy/index.ts";
import { addressOf, at, ports, servicePorts } from "../mesh/addresses.ts";
import { frontHosts } from "../policy/objects.ts";
import { startGrpcStreams } from "./grpc-streams.ts";
import { startHttp1 } from "./http1.ts";
import { startHttp2 } from "./http2.ts";
import { startKnownGenerator } from "./known-generator.ts";
import type { Flow, FlowTally } from "./tally.ts";
import { startTcpConnections } from "./tcp-connections.ts";

export interface Load {
  readonly tallies: readonly FlowTally[];
  stop(): Promise<void>;
}

export interface LoadOptions {
  readonly net: number;
  /** 1 is about 320 requests per second, and 12 streams and connections with 5 messages per second each. */
  readonly factor?: number;
}

export function startLoad({ net, factor = 1 }: LoadOptions): Load {
  const client = { host: addressOf(net, at.client), port: ports.proxy };
  const gateway = { host: addressOf(net, at.ingress), port: ports.gatewayHttp };
  const secure = {
    host: gateway.host,
    port: ports.gatewayHttps,
    authority: frontHosts.reviews,
    roots: testRoot,
  };
  const reviews = `reviews.shop.svc.cluster.local:${servicePorts.http}`;
  const ratings = `ratings:${servicePorts.http}`;
  const listener = (proxy: keyof typeof at, port: number) =>
    `${proxy}.shop: ${addressOf(net, at[proxy])}_${port}`;
  const reviewsListeners = (port: number) => [listener("reviews-v1", port), listener("reviews-v2", port)];
  const rate = (perSecond: number) => perSecond * factor;
  const flows: readonly Flow[] = [
    startHttp1({ name: "HTTP/1.1, sidecar", ...client, authority: reviews, perSecond: rate(60) }),
    startKnownGenerator({
      name: "HTTP/1.1, sidecar, autocannon",
      ...client,
      authority: reviews,
      perSecond: rate(40),
    }),
    startKnownGenerator({
      name: "HTTP/1.1, gateway, autocannon",
      ...gateway,
      authority: frontHosts.reviews,
      perSecond: rate(20),
    }),
    startHttp2({ name: "HTTP/2, sidecar", ...client, authority: reviews, perSecond: rate(60) }),
    startHttp1({ name: "HTTP/1.1, moving endpoints", ...client, authority: ratings, perSecond: rate(50) }),
    startHttp1({ name: "HTTP/1.1, gateway", ...gateway, authority: frontHosts.reviews, perSecond: rate(40) }),
    startHttp1({
      name: "HTTP/1.1, gateway, moving port",
      ...gateway,
      authority: frontHosts.ratings,
      perSecond: rate(30),
    }),
    startHttp1({ name: "HTTPS, gateway", ...secure, perSecond: rate(15) }),
    startHttp1({ name: "HTTPS, gateway, new connections", ...secure, fresh: true, perSecond: rate(5) }),
    startGrpcStreams({
      name: "gRPC streams, sidecar",
      listeners: [listener("client", ports.proxy), ...reviewsListeners(ports.grpc)],
      ...client,
      authority: `reviews.shop.svc.cluster.local:${servicePorts.grpc}`,
      streams: 6,
      perSecond: 5,
    }),
    startTcpConnections({
      name: "TCP connections, sidecar",
      listeners: [listener("client", ports.tcpService), ...reviewsListeners(ports.tcp)],
      host: client.host,
      port: ports.tcpService,
      connections: 3,
      perSecond: 5,
    }),
    startTcpConnections({
      name: "TCP connections, gateway",
      listeners: [listener("ingress", ports.gatewayTcp), ...reviewsListeners(ports.tcp)],
      host: gateway.host,
      port: ports.gatewayTcp,
      connections: 3,
      perSecond: 5,
    }),
  ];
  return {
    tallies: flows.map(({ tally }) => tally),
    stop: async () => {
      await Promise.all(flows.map((flow) => flow.stop()));
    },
  };
}
