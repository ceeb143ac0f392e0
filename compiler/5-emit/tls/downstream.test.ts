import { fromBinary } from "@bufbuild/protobuf";
import {
  SubjectAltNameMatcher_SanType as SanType,
  TlsParameters_TlsProtocol as TlsProtocol,
  CertificateValidationContext_TrustChainVerification as TrustChainVerification,
} from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/common";
import {
  type DownstreamTlsContext,
  DownstreamTlsContextSchema,
} from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/tls";
import test from "ava";
import type { DownstreamTlsPlan } from "../../4-view/plan/listeners.ts";
import { adsSource } from "../ads-source.ts";
import { serverTls } from "../listeners/listener-plan-builder.ts";
import { downstreamTls } from "./downstream.ts";

function context(plan: DownstreamTlsPlan): DownstreamTlsContext {
  const { configType } = downstreamTls(plan);
  if (configType.case !== "typedConfig") throw new Error("no context");
  return fromBinary(DownstreamTlsContextSchema, configType.value.value);
}

test("mesh: workload certificate and roots by ADS, a client certificate demanded", (t) => {
  const { commonTlsContext: common, requireClientCertificate } = context({
    type: "mesh",
    trustDomains: ["cluster.local", "old.example"],
    alpn: ["h2"],
  });
  t.true(requireClientCertificate);
  t.deepEqual(common?.alpnProtocols, ["h2"]);
  const [certificate] = common?.tlsCertificateSdsSecretConfigs ?? [];
  t.is(certificate?.name, "default");
  t.deepEqual(certificate?.sdsConfig, adsSource);
  const validation = common?.validationContextType;
  const roots =
    validation?.case === "combinedValidationContext" && validation.value.validationContextSdsSecretConfig;
  t.like(roots, { name: "ROOTCA" });
  const names =
    validation?.case === "combinedValidationContext" ? validation.value.defaultValidationContext : undefined;
  t.deepEqual(
    names?.matchTypedSubjectAltNames.map(({ matcher }) => matcher?.matchPattern),
    ["spiffe://cluster.local/", "spiffe://old.example/"].map((value) => ({ case: "prefix", value })),
  );
  t.is(common?.tlsParams?.tlsMinimumProtocolVersion, TlsProtocol.TLSv1_2);
  t.is(common?.tlsParams?.cipherSuites.length, 6);
});

test("mesh: a stricter version on demand", (t) => {
  const { commonTlsContext } = context({ type: "mesh", trustDomains: [], alpn: [], minVersion: "TLSV1_3" });
  t.is(commonTlsContext?.tlsParams?.tlsMinimumProtocolVersion, TlsProtocol.TLSv1_3);
});

test("mesh: clients by name, whatever their trust domain", (t) => {
  const { commonTlsContext } = context({
    ...{ type: "mesh", trustDomains: ["cluster.local"], alpn: [] },
    subjectAltNames: ["spiffe://other.example/ns/a/sa/b"],
  });
  const validation = commonTlsContext?.validationContextType;
  if (validation?.case !== "combinedValidationContext") return t.fail();
  t.deepEqual(
    validation.value.defaultValidationContext?.matchTypedSubjectAltNames.map(
      ({ matcher }) => matcher?.matchPattern,
    ),
    [{ case: "exact", value: "spiffe://other.example/ns/a/sa/b" }],
  );
});

test("server: no demands, no parameters, no validation", (t) => {
  const { commonTlsContext: common, requireClientCertificate } = context(serverTls());
  t.false(requireClientCertificate);
  t.is(common?.tlsParams, undefined);
  t.is(common?.validationContextType.case, undefined);
  t.deepEqual(
    common?.tlsCertificateSdsSecretConfigs.map(({ name }) => name),
    ["kubernetes://site"],
  );
});

test("server: clients by roots from SDS and by name", (t) => {
  const { commonTlsContext: common, requireClientCertificate } = context(
    serverTls({
      clientCa: { type: "sds", name: "kubernetes://site-cacert" },
      requireClientCertificate: true,
      subjectAltNames: ["spiffe://a/ns/b/sa/c", "client.example"],
    }),
  );
  t.true(requireClientCertificate);
  const validation = common?.validationContextType;
  if (validation?.case !== "combinedValidationContext") return t.fail();
  t.is(validation.value.validationContextSdsSecretConfig?.name, "kubernetes://site-cacert");
  t.deepEqual(
    validation.value.defaultValidationContext?.matchTypedSubjectAltNames.map(({ sanType }) => sanType),
    [SanType.DNS, SanType.URI],
  );
});

test("server: files instead of secrets, versions and ciphers, any client", (t) => {
  const { commonTlsContext: common } = context(
    serverTls({
      certificates: [{ type: "file", certificate: "/c.pem", privateKey: "/k.pem" }],
      clientCa: { type: "file", path: "/ca.pem" },
      insecureSkipVerify: true,
      minVersion: "TLSV1_0",
      cipherSuites: ["AES128-SHA"],
    }),
  );
  t.is(common?.tlsCertificateSdsSecretConfigs.length, 0);
  t.deepEqual(common?.tlsCertificates[0]?.privateKey?.specifier, { case: "filename", value: "/k.pem" });
  t.is(common?.tlsParams?.tlsMinimumProtocolVersion, TlsProtocol.TLSv1_0);
  t.is(common?.tlsParams?.tlsMaximumProtocolVersion, TlsProtocol.TLS_AUTO);
  const validation = common?.validationContextType;
  if (validation?.case !== "validationContext") return t.fail();
  t.deepEqual(validation.value.trustedCa?.specifier, { case: "filename", value: "/ca.pem" });
  t.is(validation.value.trustChainVerification, TrustChainVerification.ACCEPT_UNTRUSTED);
});
