import test from "ava";
import type { DestinationPolicy } from "../../model/destination.ts";
import { decodeYaml } from "../shared/decode-yaml.ts";
import { destinationRule } from "./index.ts";

function decode(spec: string): {
  readonly policy: DestinationPolicy | undefined;
  readonly summary: readonly string[];
} {
  const head =
    "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: dr, namespace: shop}";
  const { facts, summary } = decodeYaml(`${head}\nspec:\n${spec.trim().replaceAll(/^/gm, "  ")}\n`, [
    destinationRule,
  ]);
  const [fact] = facts;
  if (fact?.type !== "destination") return { policy: undefined, summary };
  const text = JSON.stringify(fact.value, (key, value) => (key === "origin" ? undefined : value));
  return { policy: JSON.parse(text), summary };
}

test("subsets, sections and ports each have their own policy", (t) => {
  const { policy, summary } = decode(`
host: reviews
trafficPolicy:
  loadBalancer: {simple: LEAST_CONN}
  portLevelSettings: [{port: {number: 9080}, tls: {mode: DISABLE}}]
  proxyProtocol: {version: V2}
  retryBudget: {percent: 30}
subsets:
- {name: v1, labels: {version: v1}}
- name: v2
  labels: {version: v2}
  trafficPolicy: {loadBalancer: {consistentHash: {httpCookie: {name: user, path: /, ttl: 0s}}}}`);
  t.deepEqual(summary, []);
  t.is(policy?.host, "reviews.shop.svc.cluster.local");
  t.deepEqual(policy?.visibility, { type: "public" });
  t.deepEqual(policy?.policy, {
    loadBalancer: { algorithm: { type: "least-request" } },
    proxyProtocol: "V2",
    retryBudget: { percent: 30, minRetryConcurrency: 3 },
    portPolicies: { 9080: { tls: { mode: "disable", subjectAltNames: [], insecureSkipVerify: false } } },
  } as unknown as DestinationPolicy["policy"]);
  t.deepEqual(
    policy?.subsets.map(({ name, labels, policy: own }) => [name, labels, own]),
    [
      ["v1", { version: "v1" }, { portPolicies: {} }],
      [
        "v2",
        { version: "v2" },
        {
          loadBalancer: {
            algorithm: {
              type: "consistent-hash",
              key: { type: "cookie", name: "user", path: "/", ttlMs: 0, attributes: [] },
              table: { type: "ring", minimumSize: 1024 },
            },
          },
          portPolicies: {},
        },
      ],
    ],
  );
});

test("pools, ejection and locality", (t) => {
  const { policy, summary } = decode(`
host: a.example.com
trafficPolicy:
  connectionPool:
    tcp: {maxConnections: 10, connectTimeout: 30ms, tcpKeepalive: {time: 7200s, probes: 3}}
    http: {http1MaxPendingRequests: 1, maxRetries: 0, h2UpgradePolicy: UPGRADE, http2KeepAlive: {interval: 15s, timeout: 5s}}
  outlierDetection: {consecutive5xxErrors: 0, interval: 5m, baseEjectionTime: 15m, maxEjectionPercent: 100}
  loadBalancer:
    simple: ROUND_ROBIN
    localityLbSetting: {failover: [{from: us, to: eu}]}
    warmup: {duration: 30s, aggression: 1.5}`);
  t.deepEqual(summary, []);
  t.deepEqual(policy?.policy.connectionPool, {
    tcp: { maxConnections: 10, connectTimeoutMs: 30, keepalive: { probes: 3, timeMs: 7_200_000 } },
    http: {
      maxPendingRequests: 1,
      h2Upgrade: "upgrade",
      useClientProtocol: false,
      http2Keepalive: { intervalMs: 15_000, timeoutMs: 5000 },
    },
  });
  t.deepEqual(policy?.policy.outlierDetection, {
    consecutive5xxErrors: 0,
    splitExternalLocalOriginErrors: false,
    intervalMs: 300_000,
    baseEjectionTimeMs: 900_000,
    maxEjectionPercent: 100,
  });
  t.deepEqual(policy?.policy.loadBalancer, {
    algorithm: { type: "round-robin" },
    localityLb: { enabled: true, distribute: [], failover: [{ from: "us", to: "eu" }], failoverPriority: [] },
    warmup: { durationMs: 30_000, aggression: 1.5 },
  });
});

test("a rule for some clients stays in its namespace", (t) => {
  const selector = "host: a\nworkloadSelector: {matchLabels: {app: web}}";
  const { policy } = decode(selector);
  t.deepEqual(policy?.clientSelector, { app: "web" });
  t.deepEqual(policy?.visibility, { type: "namespaces", names: ["shop"] });
  t.deepEqual(decode(`${selector}\nexportTo: ["*"]`).summary, ["error invalid-value spec.exportTo"]);
});

test("failover without outlier detection never happens, and is warned of", (t) => {
  const { summary } = decode(
    "host: a\ntrafficPolicy: {loadBalancer: {localityLbSetting: {failoverPriority: [x]}}}",
  );
  t.deepEqual(summary, [
    "warning ineffective-field spec.trafficPolicy.loadBalancer.localityLbSetting.failoverPriority",
  ]);
});
