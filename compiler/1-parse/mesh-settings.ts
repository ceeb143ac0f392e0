// Whether a document without a kind is mesh settings that lie among policy files, where they have no effect.

import type { JsonObject } from "./raw-object.ts";

/** Fields that MeshConfig has, and hardly any other tool's file. */
const telling = [
  "accessLogEncoding",
  "accessLogFile",
  "accessLogFormat",
  "caCertificates",
  "defaultConfig",
  "defaultDestinationRuleExportTo",
  "defaultHttpRetryPolicy",
  "defaultServiceExportTo",
  "defaultTrafficPolicy",
  "defaultVirtualServiceExportTo",
  "discoverySelectors",
  "enableAutoMtls",
  "enablePrometheusMerge",
  "extensionProviders",
  "h2UpgradePolicy",
  "inboundTrafficPolicy",
  "localityLbSetting",
  "meshMTLS",
  "outboundTrafficPolicy",
  "pathNormalization",
  "protocolDetectionTimeout",
  "proxyHttpPort",
  "proxyInboundListenPort",
  "proxyListenPort",
  "rootNamespace",
  "trustDomain",
  "trustDomainAliases",
];

/** True for settings on their own; one telling field is enough. */
export function looksLikeMeshSettings(value: JsonObject): boolean {
  return (
    value.apiVersion === undefined &&
    value.kind === undefined &&
    telling.some((field) => Object.hasOwn(value, field))
  );
}
