// How a listener proves who it is and whom it lets in: the plan's TLS settings as Envoy's DownstreamTlsContext.

import { create } from "@bufbuild/protobuf";
import {
  type DataSource,
  DataSourceSchema,
  type TransportSocket,
  TransportSocketSchema,
} from "@envoyproxy/protos-ts/envoy/config/core/v3/base";
import {
  type CertificateValidationContext,
  CertificateValidationContextSchema,
  type TlsCertificate,
  TlsCertificateSchema,
  type TlsParameters,
  TlsParametersSchema,
  TlsParameters_TlsProtocol as TlsProtocol,
  CertificateValidationContext_TrustChainVerification as TrustChainVerification,
} from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/common";
import {
  CommonTlsContext_CombinedCertificateValidationContextSchema as CombinedValidationContextSchema,
  type CommonTlsContext,
  CommonTlsContextSchema,
  type DownstreamTlsContext,
  DownstreamTlsContextSchema,
} from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/tls";
import { share } from "#encoding";
import type { CertificateSource } from "../../4-view/plan/clusters.ts";
import type { DownstreamTlsPlan } from "../../4-view/plan/listeners.ts";
import { memoizeByIdentity } from "../../model/memo.ts";
import { meshRootsSecret, workloadCertificateSecret } from "../../model/names.ts";
import { packAny } from "../envoy-any.ts";
import { tlsProtocol } from "./parameters.ts";
import { secretReference } from "./secret-reference.ts";
import { subjectAltNameMatchers, trustDomainMatchers } from "./subject-alt-names.ts";

/** `envoy.transport_sockets.tls` with the context of the plan. */
export function downstreamTls(plan: DownstreamTlsPlan): TransportSocket {
  if (plan.type === "server") return tlsSocket(plan);
  return meshTls(plan.alpn, plan.trustDomains, plan.minVersion, plan.subjectAltNames);
}

/** One for all that want the same of their peers. */
const meshTls = memoizeByIdentity(
  (
    alpn: MeshPlan["alpn"],
    trustDomains: MeshPlan["trustDomains"],
    minVersion: MeshPlan["minVersion"],
    subjectAltNames: MeshPlan["subjectAltNames"],
  ) =>
    share(
      tlsSocket({
        ...{ type: "mesh", alpn, trustDomains },
        ...(minVersion && { minVersion }),
        ...(subjectAltNames && { subjectAltNames }),
      }),
    ),
);

function tlsSocket(plan: DownstreamTlsPlan): TransportSocket {
  return create(TransportSocketSchema, {
    name: "envoy.transport_sockets.tls",
    configType: { case: "typedConfig", value: packAny(DownstreamTlsContextSchema, tlsContext(plan)) },
  });
}

type MeshPlan = Extract<DownstreamTlsPlan, { type: "mesh" }>;
type ServerPlan = Extract<DownstreamTlsPlan, { type: "server" }>;

/** What mesh peers may use below TLS 1.3: Istio's list, which Istio's own sidecars offer. */
const meshCipherSuites = [
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "AES256-GCM-SHA384",
  "AES128-GCM-SHA256",
];

function tlsContext(plan: DownstreamTlsPlan): DownstreamTlsContext {
  switch (plan.type) {
    case "mesh":
      return create(DownstreamTlsContextSchema, {
        commonTlsContext: create(CommonTlsContextSchema, {
          tlsParams: create(TlsParametersSchema, {
            tlsMinimumProtocolVersion: tlsProtocol(plan.minVersion ?? "TLSV1_2"),
            tlsMaximumProtocolVersion: TlsProtocol.TLSv1_3,
            cipherSuites: meshCipherSuites,
          }),
          tlsCertificateSdsSecretConfigs: [secretReference(workloadCertificateSecret)],
          validationContextType: validatedBy(
            meshRootsSecret,
            create(CertificateValidationContextSchema, {
              matchTypedSubjectAltNames: meshClients(plan),
            }),
          ),
          alpnProtocols: [...plan.alpn],
        }),
        requireClientCertificate: true,
      });
    case "server": {
      const params = serverParams(plan);
      return create(DownstreamTlsContextSchema, {
        commonTlsContext: create(CommonTlsContextSchema, {
          ...(params !== undefined && { tlsParams: params }),
          ...certificates(plan.certificates),
          validationContextType: clientValidation(plan),
          alpnProtocols: [...plan.alpn],
        }),
        requireClientCertificate: plan.requireClientCertificate,
      });
    }
  }
}

function meshClients({ trustDomains, subjectAltNames = [] }: MeshPlan) {
  return subjectAltNames.length > 0
    ? subjectAltNameMatchers(subjectAltNames)
    : trustDomainMatchers(trustDomains);
}

/** Absent when the plan leaves everything to Envoy's defaults (TLS 1.2 to 1.3 for servers). */
function serverParams({ minVersion, maxVersion, cipherSuites }: ServerPlan): TlsParameters | undefined {
  if (minVersion === undefined && maxVersion === undefined && cipherSuites.length === 0) return undefined;
  return create(TlsParametersSchema, {
    tlsMinimumProtocolVersion: tlsProtocol(minVersion),
    tlsMaximumProtocolVersion: tlsProtocol(maxVersion),
    cipherSuites: [...cipherSuites],
  });
}

function certificates(sources: readonly CertificateSource[]) {
  return {
    tlsCertificates: sources.flatMap((source) => (source.type === "file" ? [fileCertificate(source)] : [])),
    tlsCertificateSdsSecretConfigs: sources.flatMap((source) =>
      source.type === "sds" ? [secretReference(source.name)] : [],
    ),
  };
}

function fileCertificate(source: Extract<CertificateSource, { type: "file" }>): TlsCertificate {
  return create(TlsCertificateSchema, {
    certificateChain: fileSource(source.certificate),
    privateKey: fileSource(source.privateKey),
  });
}

/** Always the combined form for roots from SDS, so that a later change of matchers does not change the shape. */
function clientValidation(plan: ServerPlan): CommonTlsContext["validationContextType"] {
  const matchers = {
    matchTypedSubjectAltNames: subjectAltNameMatchers(plan.subjectAltNames),
    verifyCertificateSpki: [...plan.verifyCertificateSpki],
    verifyCertificateHash: [...plan.verifyCertificateHash],
    trustChainVerification: plan.insecureSkipVerify
      ? TrustChainVerification.ACCEPT_UNTRUSTED
      : TrustChainVerification.VERIFY_TRUST_CHAIN,
  };
  switch (plan.clientCa?.type) {
    case "sds":
      return validatedBy(plan.clientCa.name, create(CertificateValidationContextSchema, matchers));
    case "file":
      return {
        case: "validationContext",
        value: create(CertificateValidationContextSchema, {
          ...matchers,
          trustedCa: fileSource(plan.clientCa.path),
        }),
      };
    case undefined:
      return pinsCertificates(plan)
        ? { case: "validationContext", value: create(CertificateValidationContextSchema, matchers) }
        : { case: undefined };
  }
}

/** Whether there is something to check of a client although no roots are named. */
function pinsCertificates(plan: ServerPlan): boolean {
  return (
    plan.insecureSkipVerify || plan.verifyCertificateSpki.length > 0 || plan.verifyCertificateHash.length > 0
  );
}

function validatedBy(
  roots: string,
  defaults: CertificateValidationContext,
): CommonTlsContext["validationContextType"] {
  return {
    case: "combinedValidationContext",
    value: create(CombinedValidationContextSchema, {
      defaultValidationContext: defaults,
      validationContextSdsSecretConfig: secretReference(roots),
    }),
  };
}

function fileSource(path: string): DataSource {
  return create(DataSourceSchema, { specifier: { case: "filename", value: path } });
}
