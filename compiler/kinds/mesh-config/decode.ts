// MeshConfig → the model's settings, with every default filled in. In: the settings as an object of their own, wherever a
// file keeps them. Out: values in milliseconds and in our own words.

import {
  type ClientCertForwarding,
  defaultMeshConfig,
  type InterceptionMode,
  type MeshConfig,
} from "../../model/mesh-config.ts";
import { isDnsLabel } from "../../model/names.ts";
import type { OutboundPolicy } from "../../model/scope.ts";
import type { Reader } from "../kind.ts";
import { readConnectionPool, readTcpKeepalive } from "../shared/connection-pool.ts";
import { readDuration } from "../shared/duration.ts";
import { readLocalityLb } from "../shared/locality-lb.ts";
import { readOutlierDetection } from "../shared/outlier-detection.ts";
import {
  at,
  compact,
  isSet,
  type Place,
  readChoice,
  readFlag,
  readItems,
  readText,
  readWhole,
  report,
} from "../shared/place.ts";
import { readOptionalPort, readPort } from "../shared/port.ts";
import { readRetries } from "../shared/retries.ts";
import { readAccessLog } from "./access-log.ts";

export function decodeMeshConfig(reader: Reader): MeshConfig {
  const root: Place = { reader, path: [], value: reader.object.value };
  const defaults = defaultMeshConfig;
  const retries = at(root, "defaultHttpRetryPolicy");
  return compact<MeshConfig>({
    rootNamespace: readNamespace(at(root, "rootNamespace")) ?? defaults.rootNamespace,
    trustDomain: readTrustDomain(at(root, "trustDomain")) ?? defaults.trustDomain,
    trustDomainAliases: readItems(at(root, "trustDomainAliases")).flatMap(
      (item) => readTrustDomain(item) ?? [],
    ),
    domainSuffix: defaults.domainSuffix,
    proxyListenPort: readPort(at(root, "proxyListenPort")) ?? defaults.proxyListenPort,
    proxyInboundListenPort: readPort(at(root, "proxyInboundListenPort")) ?? defaults.proxyInboundListenPort,
    proxyHttpPort: readOptionalPort(at(root, "proxyHttpPort")) ?? defaults.proxyHttpPort,
    connectTimeoutMs: readDuration(at(root, "connectTimeout")) ?? defaults.connectTimeoutMs,
    protocolDetectionTimeoutMs:
      readDuration(at(root, "protocolDetectionTimeout"), { leastMs: 0 }) ??
      defaults.protocolDetectionTimeoutMs,
    tcpKeepalive: readTcpKeepalive(at(root, "tcpKeepalive")),
    outboundPolicy: readOutboundPolicy(at(root, "outboundTrafficPolicy", "mode")) ?? defaults.outboundPolicy,
    enableAutoMtls: readFlag(at(root, "enableAutoMtls")) ?? defaults.enableAutoMtls,
    accessLog: readAccessLog(root),
    defaultServiceExportTo:
      readExports(at(root, "defaultServiceExportTo")) ?? defaults.defaultServiceExportTo,
    defaultRouteExportTo:
      readExports(at(root, "defaultVirtualServiceExportTo")) ?? defaults.defaultRouteExportTo,
    defaultDestinationExportTo:
      readExports(at(root, "defaultDestinationRuleExportTo")) ?? defaults.defaultDestinationExportTo,
    defaultRetries: readRetries(retries),
    defaultConnectionPool: readConnectionPool(at(root, "defaultTrafficPolicy", "connectionPool")),
    defaultOutlierDetection: readOutlierDetection(at(root, "defaultTrafficPolicy", "outlierDetection")),
    // Whether anything is ejected is said by destination rules, which are not known here.
    localityLb: readLocalityLb(at(root, "localityLbSetting"), true),
    h2Upgrade: readChoice(at(root, "h2UpgradePolicy"), h2Upgrades) ?? defaults.h2Upgrade,
    pathNormalization:
      readChoice(at(root, "pathNormalization", "normalization"), pathNormalizations) ??
      defaults.pathNormalization,
    dnsRefreshRateMs: readDuration(at(root, "dnsRefreshRate")) ?? defaults.dnsRefreshRateMs,
    meshMtlsMinVersion: readChoice(at(root, "meshMTLS", "minProtocolVersion"), tlsVersions),
    proxy: readProxy(at(root, "defaultConfig")),
  });
}

const h2Upgrades = { DO_NOT_UPGRADE: "do-not-upgrade", UPGRADE: "upgrade" } as const;

const pathNormalizations: Readonly<Record<string, MeshConfig["pathNormalization"]>> = {
  DEFAULT: "base",
  NONE: "none",
  BASE: "base",
  MERGE_SLASHES: "merge-slashes",
  DECODE_AND_MERGE_SLASHES: "decode-and-merge-slashes",
};

const tlsVersions: Readonly<Record<string, MeshConfig["meshMtlsMinVersion"]>> = {
  TLS_AUTO: undefined,
  TLSV1_2: "TLSV1_2",
  TLSV1_3: "TLSV1_3",
};

function readNamespace(place: Place): string | undefined {
  const name = readText(place);
  if (name !== undefined && !isDnsLabel(name)) report(place, "invalid-name", `"${name}" is not a namespace`);
  return name;
}

/** SPIFFE's alphabet; aliases may have a wildcard at either end. */
function readTrustDomain(place: Place): string | undefined {
  const name = readText(place);
  if (name !== undefined && !/^\*?[A-Za-z0-9._-]+\*?$/.test(name) && name !== "*") {
    report(place, "invalid-value", `"${name}" is not a trust domain: letters, digits, ".", "-" and "_"`);
  } else if (name?.includes("*") && place.path.at(-1) === "trustDomain") {
    report(place, "invalid-value", "the mesh's own trust domain cannot have a wildcard");
  }
  return name;
}

function readOutboundPolicy(place: Place): OutboundPolicy | undefined {
  const mode = readChoice(place, {
    ALLOW_ANY: "allow-any",
    REGISTRY_ONLY: "registry-only",
    ALLOW_ANY_DYNAMIC_DNS: "dynamic",
  } as const);
  if (mode !== "dynamic") return mode && { mode };
  report(place, "unsupported-field", "ALLOW_ANY_DYNAMIC_DNS is not supported yet; it counts as ALLOW_ANY");
  return { mode: "allow-any" };
}

/** Undefined when nothing is written or the list is empty. */
function readExports(place: Place): readonly string[] | undefined {
  const names = readItems(place).flatMap((item) => {
    const name = readText(item) ?? "";
    if (!["*", ".", "~"].includes(name) && !isDnsLabel(name)) {
      report(item, "invalid-value", `"${name}" is not a namespace, ".", "~" or "*"`);
    }
    return name;
  });
  return names.length === 0 ? undefined : names;
}

const interceptionModes: Readonly<Record<string, InterceptionMode>> = {
  REDIRECT: "REDIRECT",
  TPROXY: "TPROXY",
  NONE: "NONE",
};

/** In the words of the listener plans. */
const clientCertForwarding: Readonly<Record<string, ClientCertForwarding | undefined>> = {
  UNDEFINED: undefined,
  SANITIZE: "sanitize",
  FORWARD_ONLY: "forward-only",
  APPEND_FORWARD: "append-forward",
  SANITIZE_SET: "sanitize-set",
  ALWAYS_FORWARD_ONLY: "always-forward-only",
};

function readProxy(place: Place): MeshConfig["proxy"] {
  const defaults = defaultMeshConfig.proxy;
  const topology = at(place, "gatewayTopology");
  return compact<MeshConfig["proxy"]>({
    interceptionMode:
      readChoice(at(place, "interceptionMode"), interceptionModes) ?? defaults.interceptionMode,
    concurrency: readWhole(at(place, "concurrency")),
    numTrustedProxies: readWhole(at(topology, "numTrustedProxies")) ?? defaults.numTrustedProxies,
    forwardClientCertDetails: isSet(at(topology, "forwardClientCertDetails"))
      ? readChoice(at(topology, "forwardClientCertDetails"), clientCertForwarding)
      : undefined,
    discoveryAddress: readText(at(place, "discoveryAddress")),
    drainDurationMs: readDuration(at(place, "drainDuration")),
    statusPort: readPort(at(place, "statusPort")) ?? defaults.statusPort,
  });
}
