// How connections to a cluster's endpoints are secured: a plan's TLS as Envoy's upstream transport sockets.

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  Cluster_TransportSocketMatchSchema,
  type ClusterSchema,
} from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import { type TransportSocket, TransportSocketSchema } from "@envoyproxy/protos-ts/envoy/config/core/v3/base";
import { ProxyProtocolConfig_Version } from "@envoyproxy/protos-ts/envoy/config/core/v3/proxy_protocol";
import { ProxyProtocolUpstreamTransportSchema } from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/proxy_protocol/v3/upstream_proxy_protocol";
import { RawBufferSchema } from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/raw_buffer/v3/raw_buffer";
import {
  CertificateValidationContext_TrustChainVerification,
  type CertificateValidationContextSchema,
} from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/common";
import {
  type CommonTlsContext,
  CommonTlsContextSchema,
  UpstreamTlsContextSchema,
} from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/tls";
import { share } from "#encoding";
import type { ClusterPlan, UpstreamTlsPlan } from "../../4-view/plan/index.ts";
import { memoizeByIdentity } from "../../model/memo.ts";
import { meshRootsSecret, workloadCertificateSecret } from "../../model/names.ts";
import { packAny } from "../envoy-any.ts";
import { tlsProtocol } from "./parameters.ts";
import { secretReference } from "./secret-reference.ts";
import { subjectAltNameMatchers } from "./subject-alt-names.ts";

type MeshTls = Extract<UpstreamTlsPlan, { readonly type: "mesh" | "mesh-auto" }>;
type ExternalTls = Extract<UpstreamTlsPlan, { readonly type: "external" }>;
type Protocol = ClusterPlan["protocol"];
type TransportFields = Pick<
  MessageInitShape<typeof ClusterSchema>,
  "transportSocket" | "transportSocketMatches"
>;

/** Where the distributions that proxies run on keep the public roots. */
const systemRoots = "/etc/ssl/certs/ca-certificates.crt";

/** The fields of a Cluster that choose transport sockets; none of them for plain text without PROXY protocol. */
export function upstreamTransport(
  tls: UpstreamTlsPlan,
  protocol: Protocol,
  proxyProtocol: "V1" | "V2" | undefined,
): TransportFields {
  const wrap = (socket: TransportSocket) => announcing(socket, proxyProtocol);
  switch (tls.type) {
    case "none":
      return proxyProtocol === undefined ? {} : { transportSocket: wrap(plainText) };
    case "mesh":
      return { transportSocket: wrap(meshSocket(tls, protocol)) };
    case "mesh-auto":
      return {
        transportSocketMatches: [
          {
            name: "tlsMode-istio",
            match: { tlsMode: "istio" },
            transportSocket: wrap(meshSocket(tls, protocol)),
          },
          plainTextMatch(proxyProtocol),
        ],
      };
    case "external":
      return { transportSocket: wrap(externalSocket(tls, protocol)) };
  }
}

type ProxyProtocol = ClusterPlan["proxyProtocol"];

const plainText = share(
  create(TransportSocketSchema, {
    name: "envoy.transport_sockets.raw_buffer",
    configType: { case: "typedConfig", value: packAny(RawBufferSchema, create(RawBufferSchema)) },
  }),
);

const plainTextMatch = memoizeByIdentity((proxyProtocol: ProxyProtocol) =>
  share(
    create(Cluster_TransportSocketMatchSchema, {
      name: "tlsMode-disabled",
      match: {},
      transportSocket: announcing(plainText, proxyProtocol),
    }),
  ),
);

function announcing(inner: TransportSocket, version: ProxyProtocol): TransportSocket {
  if (version === undefined) return inner;
  const config = create(ProxyProtocolUpstreamTransportSchema, {
    config: { version: ProxyProtocolConfig_Version[version] },
    transportSocket: inner,
  });
  return create(TransportSocketSchema, {
    name: "envoy.transport_sockets.upstream_proxy_protocol",
    configType: { case: "typedConfig", value: packAny(ProxyProtocolUpstreamTransportSchema, config) },
  });
}

function tlsSocket(sni: string | undefined, common: MessageInitShape<typeof CommonTlsContextSchema>) {
  const context = create(UpstreamTlsContextSchema, {
    commonTlsContext: common,
    ...(sni === undefined ? {} : { sni }),
  });
  return create(TransportSocketSchema, {
    name: "envoy.transport_sockets.tls",
    configType: { case: "typedConfig", value: packAny(UpstreamTlsContextSchema, context) },
  });
}

/** The chain is always verified against the mesh roots; without names, any workload of the mesh will do. */
function meshSocket(tls: MeshTls, protocol: Protocol): TransportSocket {
  const { sni, minVersion, sans } = tls;
  const common =
    sans.length > 0 ? meshContext(protocol, minVersion, sans) : toAnyWorkload(protocol, minVersion);
  return tlsSocket(sni, common);
}

const toAnyWorkload = memoizeByIdentity((protocol: Protocol, minVersion: string | undefined) =>
  share(meshContext(protocol, minVersion, [])),
);

function meshContext(
  protocol: Protocol,
  minVersion: string | undefined,
  sans: MeshTls["sans"],
): CommonTlsContext {
  return create(CommonTlsContextSchema, {
    tlsParams: versions(minVersion),
    tlsCertificateSdsSecretConfigs: [secretReference(workloadCertificateSecret)],
    validationContextType: {
      case: "combinedValidationContext",
      value: {
        defaultValidationContext: { matchTypedSubjectAltNames: subjectAltNameMatchers(sans) },
        validationContextSdsSecretConfig: secretReference(meshRootsSecret),
      },
    },
    alpnProtocols: meshAlpn(protocol),
  });
}

/**
 * The first name tells the other sidecar that this is mesh traffic, and of which kind; `istio` is for sidecars that
 * only know that one. Detected ports offer `istio` alone, and the HTTP chain replaces the list request by request.
 */
function meshAlpn(protocol: Protocol): string[] {
  switch (protocol) {
    case "http1":
      return ["istio-http/1.1", "istio", "http/1.1"];
    case "http2":
      return ["istio-h2", "istio", "h2"];
    case "tcp":
    case "downstream":
      return ["istio"];
  }
}

function externalSocket(tls: ExternalTls, protocol: Protocol): TransportSocket {
  return tlsSocket(tls.sni, {
    tlsParams: versions(tls.minVersion),
    ...clientCertificate(tls),
    validationContextType: verification(tls),
    alpnProtocols: externalAlpn(protocol),
  });
}

/** Nothing for `downstream`: Envoy's connection pools then offer what they are about to speak. */
function externalAlpn(protocol: Protocol): string[] {
  switch (protocol) {
    case "http1":
      return ["http/1.1"];
    case "http2":
      return ["h2"];
    case "tcp":
    case "downstream":
      return [];
  }
}

function clientCertificate(tls: ExternalTls) {
  switch (tls.certificate?.type) {
    case undefined:
      return {};
    case "sds":
      return { tlsCertificateSdsSecretConfigs: [secretReference(tls.certificate.name)] };
    case "file":
      return {
        tlsCertificates: [
          {
            certificateChain: fromFile(tls.certificate.certificate),
            privateKey: fromFile(tls.certificate.privateKey),
          },
        ],
      };
  }
}

function verification(
  tls: ExternalTls,
): NonNullable<MessageInitShape<typeof CommonTlsContextSchema>["validationContextType"]> {
  if (tls.insecureSkipVerify) {
    return {
      case: "validationContext",
      value: { trustChainVerification: CertificateValidationContext_TrustChainVerification.ACCEPT_UNTRUSTED },
    };
  }
  const names: MessageInitShape<typeof CertificateValidationContextSchema> = {
    matchTypedSubjectAltNames: subjectAltNameMatchers(tls.sans),
  };
  switch (tls.ca.type) {
    case "system":
      return { case: "validationContext", value: { trustedCa: fromFile(systemRoots), ...names } };
    case "file":
      return { case: "validationContext", value: { trustedCa: fromFile(tls.ca.path), ...names } };
    case "sds":
      return {
        case: "combinedValidationContext",
        value: {
          defaultValidationContext: names,
          validationContextSdsSecretConfig: secretReference(tls.ca.name),
        },
      };
  }
}

function versions(minimum: string | undefined) {
  return {
    tlsMinimumProtocolVersion: tlsProtocol(minimum ?? "TLSV1_2"),
    tlsMaximumProtocolVersion: tlsProtocol("TLSV1_3"),
  };
}

function fromFile(filename: string) {
  return { specifier: { case: "filename" as const, value: filename } };
}
