import { type JsonObject, toBinary, toJson } from "@bufbuild/protobuf";
import { registry } from "@envoyproxy/protos-ts/registry";
import test from "ava";
import { clusterVariants } from "../../../test/envoy/cluster-variants.ts";
import { clusterPlan, connectionPool, consistentHash, reviewsHost } from "../../../test/envoy/plans.ts";
import type { ClusterPlan } from "../../4-view/plan/index.ts";
import { emitCluster } from "./index.ts";

function emitted(changes: Partial<ClusterPlan> = {}) {
  const { schema, message } = emitCluster(clusterPlan(changes));
  return toJson(schema, message, { registry }) as JsonObject;
}

function httpOptions(cluster: JsonObject) {
  return Object.values((cluster.typedExtensionProtocolOptions ?? {}) as JsonObject)[0] as
    | JsonObject
    | undefined;
}

function policyOf(cluster: JsonObject) {
  const { policies } = cluster.loadBalancingPolicy as {
    policies: { typedExtensionConfig: { name: string; typedConfig: JsonObject } }[];
  };
  return policies[0]?.typedExtensionConfig;
}

test("an EDS cluster asks for its endpoints over ADS and waits for them", (t) => {
  const cluster = emitted();
  t.is(cluster.type, "EDS");
  t.deepEqual(cluster.edsClusterConfig, {
    edsConfig: { ads: {}, initialFetchTimeout: "0s", resourceApiVersion: "V3" },
    serviceName: `outbound|9080||${reviewsHost}`,
  });
  t.is(cluster.connectTimeout, "10s");
});

test("limits that nobody sets are lifted", (t) => {
  const [threshold] = (emitted().circuitBreakers as JsonObject).thresholds as JsonObject[];
  t.deepEqual(threshold, {
    maxConnections: 4294967295,
    maxPendingRequests: 4294967295,
    maxRequests: 4294967295,
    maxRetries: 4294967295,
    trackRemaining: true,
  });
});

test("a connection pool sets limits, keepalive and the ageing of connections", (t) => {
  const cluster = emitted({
    protocol: "http2",
    tcpKeepalive: { probes: 9, timeMs: 60_000 },
    connectionPool: connectionPool({
      tcp: { maxConnections: 5, connectTimeoutMs: 250, keepalive: { timeMs: 7_200 }, idleTimeoutMs: 1 },
      http: { idleTimeoutMs: 30_000, maxRequestsPerConnection: 2, http2Keepalive: { intervalMs: 5000 } },
    }),
  });
  t.is(cluster.connectTimeout, "0.250s");
  t.deepEqual(cluster.upstreamConnectionOptions, { tcpKeepalive: { keepaliveProbes: 9, keepaliveTime: 8 } });
  const options = httpOptions(cluster);
  t.deepEqual(options?.commonHttpProtocolOptions, { idleTimeout: "30s", maxRequestsPerConnection: 2 });
  t.deepEqual(options?.explicitHttpConfig, {
    http2ProtocolOptions: { connectionKeepalive: { interval: "5s", timeout: "10s" } },
  });
});

test("an upgrade makes HTTP/2 of an outbound HTTP port, never of TCP or of what the application itself serves", (t) => {
  const pool = connectionPool({ http: { h2Upgrade: "upgrade" } });
  const http2 = { http2ProtocolOptions: {} };
  t.deepEqual(httpOptions(emitted({ connectionPool: pool }))?.explicitHttpConfig, http2);
  t.is(httpOptions(emitted({ connectionPool: pool, protocol: "tcp" })), undefined);
  const inbound = emitted({ connectionPool: pool, direction: "inbound" });
  t.deepEqual(httpOptions(inbound)?.explicitHttpConfig, { httpProtocolOptions: {} });
});

test("locality weights count with a distribution, or with failover and outlier detection", (t) => {
  const localityLb = { enabled: true, distribute: [], failover: [], failoverPriority: ["region"] };
  const outlierDetection = { splitExternalLocalOriginErrors: false };
  const loadBalancer = { algorithm: { type: "round-robin" } as const, localityLb };
  const weighted = { localityWeightedLbConfig: {} };
  t.is(policyOf(emitted({ loadBalancer }))?.typedConfig.localityLbConfig, undefined);
  const failing = policyOf(emitted({ loadBalancer, outlierDetection }));
  t.deepEqual(failing?.typedConfig.localityLbConfig, weighted);
  const off = { ...loadBalancer, localityLb: { ...localityLb, enabled: false } };
  t.is(policyOf(emitted({ loadBalancer: off, outlierDetection }))?.typedConfig.localityLbConfig, undefined);
  const distributed = policyOf(
    emitted({
      loadBalancer: {
        ...consistentHash({ type: "maglev", size: 65_537 }),
        localityLb: { ...localityLb, distribute: [{ from: "*", to: { "*": 100 } }] },
      },
    }),
  );
  t.is(distributed?.name, "envoy.load_balancing_policies.maglev");
  t.is(distributed?.typedConfig.tableSize, "65537");
  t.deepEqual(distributed?.typedConfig.localityWeightedLbConfig, {});
});

test("a warm-up is a slow start", (t) => {
  const warmup = { durationMs: 45_000, minimumPercent: 25 };
  const policy = policyOf(emitted({ loadBalancer: { algorithm: { type: "least-request" }, warmup } }));
  t.deepEqual(policy?.typedConfig.slowStartConfig, {
    slowStartWindow: "45s",
    minWeightPercent: { value: 25 },
  });
});

test("a cluster by original destination balances nothing", (t) => {
  const cluster = emitted({
    discovery: { type: "original-dst" },
    loadBalancer: { algorithm: { type: "passthrough" } },
  });
  t.is(cluster.type, "ORIGINAL_DST");
  t.is(cluster.lbPolicy, "CLUSTER_PROVIDED");
  t.is(cluster.loadBalancingPolicy, undefined);
  t.is(cluster.edsClusterConfig, undefined);
});

test("outlier detection enforces what is set and never panics unless asked to", (t) => {
  const cluster = emitted({
    outlierDetection: {
      consecutive5xxErrors: 0,
      consecutiveGatewayErrors: 3,
      splitExternalLocalOriginErrors: false,
      consecutiveLocalOriginFailures: 4,
    },
  });
  t.deepEqual(cluster.outlierDetection, {
    consecutive5xx: 0,
    enforcingConsecutive5xx: 0,
    consecutiveGatewayFailure: 3,
    enforcingConsecutiveGatewayFailure: 100,
    enforcingSuccessRate: 0,
  });
  t.deepEqual(cluster.commonLbConfig, { healthyPanicThreshold: {} });
  const asked = emitted({ outlierDetection: { splitExternalLocalOriginErrors: true, minHealthPercent: 30 } });
  t.deepEqual(asked.commonLbConfig, { healthyPanicThreshold: { value: 30 } });
});

test("metadata names the service, its port and the subset", (t) => {
  const service = { host: reviewsHost, name: "reviews", namespace: "default", subset: "v1" };
  const cluster = emitted({ service });
  t.deepEqual(cluster.metadata, {
    filterMetadata: {
      istio: {
        default_original_port: 9080,
        services: [{ host: reviewsHost, name: "reviews", namespace: "default" }],
        subset: "v1",
      },
    },
  });
});

test("the same plan gives the same bytes", (t) => {
  const files = { certificate: "/c", privateKey: "/k", ca: "/r" };
  const encode = () =>
    Object.values(clusterVariants(files)).map((plan) => {
      const { schema, message } = emitCluster(plan);
      return Buffer.from(toBinary(schema, message)).toString("hex");
    });
  t.deepEqual(encode(), encode());
});
