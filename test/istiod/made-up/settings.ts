// Settings of the mesh, made up at random.

import fc from "fast-check";
import { isObject, type JsonObject, member } from "../json.ts";
import { oneOf, optional, record } from "./arbitraries.ts";

const rarely = <T>(arbitrary: fc.Arbitrary<T>) => optional(arbitrary, 8);
// Names of namespaces are for objects: for whole kinds istiod knows everybody and nobody else.
const exportTo = rarely(oneOf(["*"], ["."]));

const retries = fc.oneof(
  oneOf<JsonObject>({ attempts: 0 }),
  record({
    attempts: oneOf(1, 5),
    perTryTimeout: optional(oneOf("2s")),
    retryOn: optional(oneOf("5xx", "connect-failure,503")),
    retryRemoteLocalities: optional(fc.boolean()),
    backoff: optional(oneOf("1s")),
  }),
);
const connectionPool = oneOf<JsonObject>(
  { tcp: { maxConnections: 7, connectTimeout: "2s" } },
  { http: { http2MaxRequests: 6, maxRetries: 4, idleTimeout: "20s" } },
  { http: { h2UpgradePolicy: "UPGRADE" } },
);
const outlierDetection = oneOf<JsonObject>(
  { consecutive5xxErrors: 3, interval: "5s" },
  { consecutiveGatewayErrors: 2, maxEjectionPercent: 50 },
);
const localityLbSetting = oneOf<JsonObject>(
  { enabled: false },
  { enabled: true },
  { failover: [{ from: "eu", to: "us" }] },
  { distribute: [{ from: "eu/*", to: { "eu/*": 80, "us/*": 20 } }] },
  { failoverPriority: ["version"] },
);
const topology = oneOf<JsonObject>(
  { numTrustedProxies: 2 },
  { forwardClientCertDetails: "APPEND_FORWARD" },
  { forwardClientCertDetails: "SANITIZE", numTrustedProxies: 1 },
  { forwardClientCertDetails: "ALWAYS_FORWARD_ONLY" },
);

const settings = record({
  outboundTrafficPolicy: rarely(oneOf("REGISTRY_ONLY", "ALLOW_ANY").map((mode) => ({ mode }))),
  enableAutoMtls: rarely(oneOf(false)),
  defaultServiceExportTo: exportTo,
  defaultVirtualServiceExportTo: exportTo,
  defaultDestinationRuleExportTo: exportTo,
  defaultHttpRetryPolicy: rarely(retries),
  pathNormalization: rarely(
    oneOf("NONE", "BASE", "DEFAULT", "MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES").map((normalization) => ({
      normalization,
    })),
  ),
  localityLbSetting: rarely(localityLbSetting),
  h2UpgradePolicy: rarely(oneOf("UPGRADE", "DO_NOT_UPGRADE")),
  protocolDetectionTimeout: rarely(oneOf("0s", "5s")),
  tcpKeepalive: rarely(oneOf<JsonObject>({ time: "90s" }, { time: "90s", interval: "9s", probes: 3 })),
  connectTimeout: rarely(oneOf("4s")),
  dnsRefreshRate: rarely(oneOf("30s")),
  trustDomain: rarely(oneOf("example.org")),
  trustDomainAliases: rarely(oneOf(["old.example"])),
  rootNamespace: rarely(oneOf("other")),
  meshMTLS: rarely(oneOf({ minProtocolVersion: "TLSV1_3" })),
  defaultTrafficPolicy: rarely(
    record({ connectionPool: optional(connectionPool, 1), outlierDetection: optional(outlierDetection, 1) }),
  ),
  defaultConfig: rarely(record({ gatewayTopology: topology })),
});

const kind = "MeshConfig";

/** Whether localities fail over for outlier detection of the whole mesh is a question that Fairlead answers otherwise (docs/differences.md). */
const withoutFailover = (made: JsonObject): JsonObject =>
  isObject(member(made, "defaultTrafficPolicy", "outlierDetection"))
    ? { ...made, localityLbSetting: { enabled: false } }
    : made;

/** As an object among the others, so that it is printed and made smaller with them. None in most worlds. */
export const meshSettings: fc.Arbitrary<readonly JsonObject[]> = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: settings.map((made) => [{ kind, spec: withoutFailover(made) }]) },
);

interface Apart {
  readonly policy: readonly JsonObject[];
  /** The text of a mesh config. */
  readonly settings?: string;
}

export function settingsAmong(objects: readonly JsonObject[]): Apart {
  const found = objects.find((each) => each.kind === kind);
  const policy = objects.filter((each) => each.kind !== kind);
  return { policy, ...(isObject(found?.spec) && { settings: JSON.stringify(found.spec) }) };
}
