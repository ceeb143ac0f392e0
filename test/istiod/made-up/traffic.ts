// DestinationRules, made up at random.

import fc from "fast-check";
import { canonical, type JsonObject, member, textOf } from "../json.ts";
import { list, object, oneOf, optional, record, someOf } from "./arbitraries.ts";
import { exportTo, hostPatterns } from "./mesh.ts";

const tls = fc.oneof(
  record({ mode: oneOf("DISABLE") }),
  record({
    mode: oneOf("ISTIO_MUTUAL"),
    sni: optional(oneOf("sni.example")),
    subjectAltNames: optional(oneOf(["spiffe://x/y"])),
  }),
  record({
    mode: oneOf("SIMPLE"),
    sni: optional(oneOf("sni.example")),
    subjectAltNames: optional(oneOf(["san.example"])),
  }),
  // Then there are no names to look at.
  record({ mode: oneOf("SIMPLE"), sni: optional(oneOf("sni.example")), insecureSkipVerify: oneOf(true) }),
);

const warmup = record({
  duration: oneOf("10s"),
  minimumPercent: optional(oneOf(20)),
  aggression: optional(oneOf(2)),
});
const httpCookie = record({
  name: oneOf("ck"),
  path: optional(oneOf("/p")),
  ttl: optional(oneOf("0s", "60s")),
});
const loadBalancer = fc.oneof(
  record({
    simple: oneOf("ROUND_ROBIN", "LEAST_REQUEST", "RANDOM", "PASSTHROUGH", "LEAST_CONN"),
    warmup: optional(warmup, 4),
  }),
  record({
    consistentHash: fc.oneof(
      oneOf({ httpHeaderName: "x-h" }, { useSourceIp: true }, { httpQueryParameterName: "q" }),
      record({ httpCookie }),
      oneOf(
        { httpHeaderName: "x-h", maglev: { tableSize: 1009 } },
        { httpHeaderName: "x-h", ringHash: { minimumRingSize: 64 } },
      ),
    ),
  }),
  record({
    localityLbSetting: oneOf(
      { enabled: true },
      { enabled: false },
      { failover: [{ from: "eu", to: "us" }] },
      { failoverPriority: ["topology.istio.io/network", "version"] },
      { distribute: [{ from: "eu/*", to: { "eu/a/*": 80, "us/*": 20 } }] },
    ),
    simple: optional(oneOf("ROUND_ROBIN")),
  }),
);

const connectionPool = someOf({
  tcp: optional(
    someOf({
      maxConnections: optional(oneOf(7)),
      connectTimeout: optional(oneOf("3s")),
      tcpKeepalive: optional(oneOf({ time: "60s" }, { time: "60s", interval: "5s", probes: 2 })),
      maxConnectionDuration: optional(oneOf("1h"), 4),
      idleTimeout: optional(oneOf("30s"), 4),
    }),
  ),
  http: optional(
    someOf({
      http1MaxPendingRequests: optional(oneOf(5)),
      http2MaxRequests: optional(oneOf(6)),
      maxRequestsPerConnection: optional(oneOf(2)),
      maxRetries: optional(oneOf(4)),
      idleTimeout: optional(oneOf("20s")),
      h2UpgradePolicy: optional(oneOf("UPGRADE", "DO_NOT_UPGRADE")),
      useClientProtocol: optional(fc.boolean(), 4),
      maxConcurrentStreams: optional(oneOf(9), 4),
    }).filter(
      ({ h2UpgradePolicy, useClientProtocol }) => h2UpgradePolicy !== "UPGRADE" || !useClientProtocol,
    ),
  ),
});
const outlierDetection = record({
  consecutive5xxErrors: optional(oneOf(3, 0)),
  consecutiveGatewayErrors: optional(oneOf(2)),
  splitExternalLocalOriginErrors: optional(oneOf(true), 4),
  interval: optional(oneOf("5s")),
  baseEjectionTime: optional(oneOf("1m")),
  maxEjectionPercent: optional(oneOf(50)),
  minHealthPercent: optional(oneOf(10, 50)),
});

const settings = {
  loadBalancer: optional(loadBalancer),
  connectionPool: optional(connectionPool),
  outlierDetection: optional(outlierDetection),
  tls: optional(tls, 3),
};
const ofPort = fc
  .tuple(oneOf(80, 9080, 443, 5432), someOf(settings))
  .map(([number, made]) => ({ port: { number }, ...made }));
const trafficPolicy = someOf({
  ...settings,
  portLevelSettings: optional(list(ofPort, 1, 1), 4),
  proxyProtocol: optional(oneOf({ version: "V1" }), 10),
});
const subset = (name: string) =>
  record({
    name: fc.constant(name),
    labels: fc.constant({ version: name }),
    trafficPolicy: optional(trafficPolicy, 3),
  });

const traffic = {
  host: hostPatterns,
  trafficPolicy: optional(trafficPolicy, 1),
  subsets: optional(
    oneOf(["v1"], ["v1", "v2"], ["v2"]).chain((names) => fc.tuple(...names.map(subset))),
    1,
  ),
};
const forWorkloads = oneOf({ matchLabels: { app: "client" } }, { matchLabels: { app: "stranger" } });

const destinationRule = object(
  "networking",
  "DestinationRule",
  oneOf("default", "other"),
  fc.oneof(
    { weight: 8, arbitrary: record({ ...traffic, exportTo }) },
    // Those are for their own namespace, whatever they say.
    { weight: 1, arbitrary: record({ ...traffic, workloadSelector: forWorkloads }) },
  ),
);

/**
 * Whether both are about some host, and not for the same clients. What Fairlead makes of such rules is different on purpose
 * (docs/differences.md), and hides all that they say.
 */
function areEntangled(one: JsonObject, other: JsonObject): boolean {
  const audience = ({ spec }: JsonObject) =>
    canonical([member(spec, "exportTo"), member(spec, "workloadSelector")].map((each) => each ?? null));
  const [host = "", another = ""] = [one, other].map(({ spec }) =>
    textOf(member(spec, "host")).replace(/^\*|^reviews$/, ""),
  );
  return audience(one) !== audience(other) && (host.endsWith(another) || another.endsWith(host));
}

export const destinationRules = fc.uniqueArray(destinationRule, { maxLength: 3, comparator: areEntangled });
