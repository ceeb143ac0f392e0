import test from "ava";
import { parse } from "yaml";
import { parseMeshConfig } from "../../1-parse/index.ts";
import { defaultMeshConfig } from "../../model/mesh-config.ts";
import { configMap } from "../kubernetes/config-map/index.ts";
import { decodeYaml } from "../shared/decode-yaml.ts";
import { decodeMeshConfigFile } from "./decode-file.ts";
import { meshConfig } from "./index.ts";

function decode(text: string) {
  const { config, diagnostics } = decodeMeshConfigFile(parseMeshConfig("mesh.yaml", text));
  return {
    config,
    diagnostics,
    summary: diagnostics.map(({ severity, code, path }) => `${severity} ${code} ${path ?? ""}`.trim()),
  };
}

test("nothing written: the defaults", (t) => {
  t.deepEqual(decode("{}").config, defaultMeshConfig);
});

test("everything that is supported", (t) => {
  const { config, summary } = decode(`
rootNamespace: root
trustDomain: td.example
trustDomainAliases: [old.example, "*.corp"]
proxyListenPort: 16001
proxyInboundListenPort: 16006
proxyHttpPort: 15080
connectTimeout: 5s
protocolDetectionTimeout: 100ms
tcpKeepalive: {probes: 3, time: 10s, interval: 2s}
outboundTrafficPolicy: {mode: REGISTRY_ONLY}
enableAutoMtls: false
accessLogFile: /dev/stdout
accessLogEncoding: JSON
accessLogFormat: '{"code": "%RESPONSE_CODE%", "a": "%CEL(request.path)%"}'
defaultServiceExportTo: [.]
defaultVirtualServiceExportTo: ["~"]
defaultDestinationRuleExportTo: [a, b]
defaultHttpRetryPolicy: {attempts: 3, retryOn: 5xx}
defaultTrafficPolicy:
  connectionPool: {tcp: {maxConnections: 7}}
  outlierDetection: {consecutive5xxErrors: 4}
localityLbSetting: {failover: [{from: a, to: b}]}
h2UpgradePolicy: UPGRADE
pathNormalization: {normalization: MERGE_SLASHES}
dnsRefreshRate: 30s
meshMTLS: {minProtocolVersion: TLSV1_3}
defaultConfig:
  interceptionMode: TPROXY
  concurrency: 2
  gatewayTopology: {numTrustedProxies: 1, forwardClientCertDetails: APPEND_FORWARD}
  discoveryAddress: fairlead.root:15012
  drainDuration: 10s
  statusPort: 15030
`);
  t.deepEqual(summary, []);
  t.deepEqual(config, {
    rootNamespace: "root",
    trustDomain: "td.example",
    trustDomainAliases: ["old.example", "*.corp"],
    domainSuffix: "cluster.local",
    proxyListenPort: 16001,
    proxyInboundListenPort: 16006,
    proxyHttpPort: 15080,
    connectTimeoutMs: 5000,
    protocolDetectionTimeoutMs: 100,
    tcpKeepalive: { probes: 3, timeMs: 10_000, intervalMs: 2000 },
    outboundPolicy: { mode: "registry-only" },
    enableAutoMtls: false,
    accessLog: {
      file: "/dev/stdout",
      format: '{"code": "%RESPONSE_CODE%", "a": "%CEL(request.path)%"}',
      encoding: "JSON",
    },
    defaultServiceExportTo: ["."],
    defaultRouteExportTo: ["~"],
    defaultDestinationExportTo: ["a", "b"],
    defaultRetries: { attempts: 3, retryOn: "5xx" },
    defaultConnectionPool: {
      tcp: { maxConnections: 7 },
      http: { h2Upgrade: "default", useClientProtocol: false },
    },
    defaultOutlierDetection: { consecutive5xxErrors: 4, splitExternalLocalOriginErrors: false },
    localityLb: { enabled: true, distribute: [], failover: [{ from: "a", to: "b" }], failoverPriority: [] },
    h2Upgrade: "upgrade",
    pathNormalization: "merge-slashes",
    dnsRefreshRateMs: 30_000,
    meshMtlsMinVersion: "TLSV1_3",
    proxy: {
      interceptionMode: "TPROXY",
      concurrency: 2,
      numTrustedProxies: 1,
      forwardClientCertDetails: "append-forward",
      discoveryAddress: "fairlead.root:15012",
      drainDurationMs: 10_000,
      statusPort: 15_030,
    },
  });
});

for (const [text, ...expected] of [
  ["{rootNamespce: a}", "error unknown-field rootNamespce"],
  ["{defaultConfig: {concurency: 1}}", "error unknown-field defaultConfig.concurency"],
  ["{enableTracing: true}", "warning unsupported-field enableTracing"],
  ["{extensionProviders: [{name: a, zipkin: {service: b}}]}", "warning unsupported-field extensionProviders"],
  ["{defaultConfig: {proxyMetadata: {A: b}}}", "warning unsupported-field defaultConfig.proxyMetadata"],
  [
    "{defaultConfig: {holdApplicationUntilProxyStarts: true}}",
    "warning ineffective-field defaultConfig.holdApplicationUntilProxyStarts",
  ],
  ["{connectTimeout: soon}", "error invalid-duration connectTimeout"],
  ["{protocolDetectionTimeout: 0s}"],
  ["{proxyHttpPort: 0}"],
  ["{proxyHttpPort: 99999}", "error invalid-port proxyHttpPort"],
  ["{trustDomain: 'a/b'}", "error invalid-value trustDomain"],
  ["{trustDomain: 'a*'}", "error invalid-value trustDomain"],
  ["{rootNamespace: 'a b'}", "error invalid-name rootNamespace"],
  ["{outboundTrafficPolicy: {mode: SOME}}", "error invalid-value outboundTrafficPolicy.mode"],
  [
    "{outboundTrafficPolicy: {mode: ALLOW_ANY_DYNAMIC_DNS}}",
    "warning unsupported-field outboundTrafficPolicy.mode",
  ],
  ["{accessLogEncoding: JSON, accessLogFormat: '%REQ(:PATH)%'}", "error invalid-value accessLogFormat"],
  ["{accessLogEncoding: JSON, accessLogFormat: '[1]'}", "error invalid-value accessLogFormat"],
  ["{accessLogFormat: '[%START_TIME%]'}"],
  ["{accessLogFormat: '%REQ_WITHOUT_QUERY(:PATH)% %CEL(request.path)%'}"],
  ["{accessLogFormat: '%NOT_A_COMMAND(x'}", "error invalid-value accessLogFormat"],
  ["{accessLogFormat: '%NOT_A_COMMAND%'}", "error invalid-value accessLogFormat"],
  ["{accessLogFormat: 'up to 100%'}", "error invalid-value accessLogFormat"],
  [`{accessLogEncoding: JSON, accessLogFormat: '{"a": 1, "100%": ["%PROTOCOL%"]}'}`],
  [
    `{accessLogEncoding: JSON, accessLogFormat: '{"a": {"b": ["%PROTOCOL%", "%NOPE%"]}}'}`,
    "error invalid-value accessLogFormat",
  ],
  ["{defaultServiceExportTo: ['a b']}", "error invalid-value defaultServiceExportTo[0]"],
  ["{enableAutoMtls: maybe}", "error invalid-value enableAutoMtls"],
  [
    "{defaultHttpRetryPolicy: {attempts: 1, retryOn: often}}",
    "error invalid-value defaultHttpRetryPolicy.retryOn",
  ],
] as const) {
  test(`${text} → ${expected.join(", ") || "no remark"}`, (t) => {
    const { config, summary } = decode(text);
    t.deepEqual(summary, expected);
    t.is(
      config === undefined,
      expected.some((one) => one.startsWith("error")),
    );
  });
}

test("settings in the ConfigMap of an installation, with the line they stand on", (t) => {
  const text = "kind: ConfigMap\ndata:\n  mesh: |-\n    trustDomain: td\n    connectTimeout: soon\n";
  t.is(parse(text).data.mesh.split("\n").length, 2);
  const { diagnostics } = decode(text);
  t.like(diagnostics[0], { code: "invalid-duration", position: { line: 5, column: 21 } });
});

const installation = (name: string, namespace: string, mesh = "trustDomain: td") =>
  decodeYaml(
    JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data: { mesh } }),
    [meshConfig, configMap],
  );

test("the ConfigMap among other objects", (t) => {
  const { facts, summary } = installation("istio", "istio-system");
  t.deepEqual(summary, []);
  t.like(facts[0], { type: "mesh-config", value: { trustDomain: "td" } });
  t.deepEqual(installation("istio", "shop").facts, []);
  t.is(installation("istio", "root", "rootNamespace: root").facts.length, 1);
  t.deepEqual(installation("other", "istio-system").facts, []);
  t.deepEqual(installation("istio", "istio-system", "trustDomian: td").summary, [
    "error unknown-field trustDomian",
  ]);
});

test("a file without settings", (t) => {
  t.deepEqual(decode("kind: Service\n").config, undefined);
});
