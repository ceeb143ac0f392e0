// One cluster plan for every shape that stage 5 can write: names say what is special. For tests that go through them all.

import type { ClusterPlan, UpstreamTlsPlan } from "../../compiler/4-view/plan/index.ts";
import type { LoadBalancer } from "../../compiler/model/destination.ts";
import { clusterPlan, connectionPool, consistentHash, endpointsPlan, reviewsHost } from "./plans.ts";

const external: Extract<UpstreamTlsPlan, { readonly type: "external" }> = {
  type: "external",
  sni: "www.example.com",
  sans: [],
  insecureSkipVerify: false,
  ca: { type: "system" },
};
const { sni: _, ...unnamed } = external;
const mesh = {
  sans: ["spiffe://cluster.local/ns/default/sa/reviews"],
  sni: `outbound_.9080_._.${reviewsHost}`,
} as const;
const warmup = { durationMs: 30_000, minimumPercent: 20, aggression: 1.5 };
const localityLb = {
  enabled: true,
  distribute: [{ from: "eu/*", to: { "eu/*": 80, "us/*": 20 } }],
  failover: [],
  failoverPriority: [],
};
const named = endpointsPlan([{ address: "www.example.com", port: 443, mtls: false }]);
const nowhere = endpointsPlan([]);
const unixSocket = endpointsPlan([{ address: "unix:///var/run/app.sock", port: 0, mtls: false }]);

function balanced(loadBalancer: LoadBalancer): Partial<ClusterPlan> {
  return { loadBalancer };
}

/** Keyed by what is special about the plan; each plan's name is unique. `files` are on the proxy's disk in the tests. */
export function clusterVariants(files: {
  readonly certificate: string;
  readonly privateKey: string;
  readonly ca: string;
}): Readonly<Record<string, ClusterPlan>> {
  const certificate = { type: "file", ...files } as const;
  const variants: Record<string, Partial<ClusterPlan>> = {
    eds: {},
    "strict dns": { discovery: { type: "strict-dns", endpoints: named, refreshMs: 60_000 } },
    "logical dns": { discovery: { type: "logical-dns", endpoints: named, refreshMs: 5000 } },
    static: { discovery: { type: "static", endpoints: endpointsPlan() } },
    "static without endpoints": { discovery: { type: "static", endpoints: nowhere } },
    "unix socket": { discovery: { type: "static", endpoints: unixSocket } },
    "original destination": { discovery: { type: "original-dst" }, protocol: "downstream" },
    "inbound passthrough": {
      direction: "inbound",
      discovery: { type: "original-dst", sourceAddress: "127.0.0.6" },
      protocol: "downstream",
    },
    "named by request": { discovery: { type: "named-by-request" }, protocol: "downstream" },
    "static from an address of its own": {
      discovery: { type: "static", endpoints: endpointsPlan(), sourceAddress: "127.0.0.6" },
    },
    "black hole": { discovery: { type: "black-hole" }, protocol: "tcp" },
    tcp: { protocol: "tcp" },
    "tcp that ages": {
      protocol: "tcp",
      connectionPool: connectionPool({ tcp: { idleTimeoutMs: 60_000, maxConnectionDurationMs: 90_000 } }),
    },
    http2: { protocol: "http2" },
    "follows the client": { protocol: "downstream" },
    "every pool setting": {
      protocol: "http2",
      connectionPool: connectionPool({
        tcp: {
          maxConnections: 7,
          connectTimeoutMs: 250,
          keepalive: { probes: 3, timeMs: 7500, intervalMs: 1000 },
          maxConnectionDurationMs: 3_600_000,
          idleTimeoutMs: 60_000,
        },
        http: {
          maxPendingRequests: 1,
          maxRequests: 2,
          maxRequestsPerConnection: 3,
          maxRetries: 4,
          idleTimeoutMs: 30_000,
          maxConcurrentStreams: 100,
          http2Keepalive: { intervalMs: 30_000 },
        },
      }),
      retryBudget: { percent: 25, minRetryConcurrency: 10 },
    },
    "every outlier setting": {
      outlierDetection: {
        consecutiveGatewayErrors: 3,
        consecutive5xxErrors: 0,
        splitExternalLocalOriginErrors: true,
        consecutiveLocalOriginFailures: 2,
        intervalMs: 10_000,
        baseEjectionTimeMs: 180_000,
        maxEjectionPercent: 100,
        minHealthPercent: 30,
      },
    },
    "least request, warm": balanced({ algorithm: { type: "least-request" }, warmup, localityLb }),
    "round robin, warm": balanced({ algorithm: { type: "round-robin" }, warmup, localityLb }),
    random: balanced({ algorithm: { type: "random" }, localityLb }),
    passthrough: balanced({ algorithm: { type: "passthrough" } }),
    "ring hash": balanced({ ...consistentHash({ type: "ring", minimumSize: 1024 }), localityLb }),
    maglev: balanced({ ...consistentHash({ type: "maglev", size: 65_537 }), localityLb }),
    "maglev of its own size": balanced(consistentHash({ type: "maglev" })),
    "mesh auto": { tls: { type: "mesh-auto", ...mesh } },
    "mesh auto by PROXY protocol": { tls: { type: "mesh-auto", ...mesh }, proxyProtocol: "V2" },
    mesh: { tls: { type: "mesh", ...mesh, minVersion: "TLSV1_3" }, protocol: "http2" },
    "mesh with any identity": { tls: { type: "mesh", ...mesh, sans: [] }, protocol: "tcp" },
    "PROXY protocol in plain text": { proxyProtocol: "V1" },
    "external by system roots": { tls: external },
    "external by name of the request": { tls: unnamed, protocol: "http2" },
    "external unverified": { tls: { ...external, insecureSkipVerify: true }, protocol: "downstream" },
    "external mutual by files": {
      tls: {
        ...external,
        sans: ["www.example.com", "10.1.2.3", "spiffe://other/ns/a/sa/b"],
        certificate,
        ca: { type: "file", path: files.ca },
        minVersion: "TLSV1_3",
      },
    },
    "external mutual by SDS": {
      tls: {
        ...external,
        sans: ["www.example.com"],
        certificate: { type: "sds", name: "kubernetes://client" },
        ca: { type: "sds", name: "kubernetes://client-cacert" },
      },
      protocol: "tcp",
    },
  };
  return Object.fromEntries(
    Object.entries(variants).map(([title, changes], index) => [
      title,
      clusterPlan({ name: `outbound|${9000 + index}||${reviewsHost}`, ...changes }),
    ]),
  );
}
