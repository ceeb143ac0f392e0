// TLS of either side as a user notices it: which certificates, whom it trusts, and what it says and asks for.

import { type Json, type JsonObject, member, objectsIn, sorted, textOf, textsIn, typeName } from "./json.ts";

export function viewOfTls(socket: Json): JsonObject {
  const config = member(socket, "typedConfig");
  if (typeName(config) === "ProxyProtocolUpstreamTransport") {
    return {
      proxyProtocol: member(config, "config"),
      ...viewOfTls(member(config, "transportSocket") ?? null),
    };
  }
  const common = member(config, "commonTlsContext");
  const combined = member(common, "combinedValidationContext");
  const context = member(combined, "defaultValidationContext") ?? member(common, "validationContext");
  const secret =
    member(combined, "validationContextSdsSecretConfig", "name") ??
    member(common, "validationContextSdsSecretConfig", "name");
  return {
    kind: typeName(config),
    certificates: viewOfCertificates(common),
    trusted: textOf(secret) || viewOfTrusted(member(context, "trustedCa", "filename")),
    names: viewOfNames(context),
    versions: member(common, "tlsParams"),
    digests: [member(context, "verifyCertificateHash") ?? [], member(context, "verifyCertificateSpki") ?? []],
    acceptsAll:
      typeName(config) === "DownstreamTlsContext" &&
      member(context, "trustChainVerification") === "ACCEPT_UNTRUSTED",
    requireClientCertificate: member(config, "requireClientCertificate"),
    protocols: viewOfProtocols(config),
    sni: member(config, "sni"),
  };
}

// Istio's agent reads files for the proxy and hands them on under names that say which; Envoy by itself reads them where they are.

function viewOfCertificates(common: Json | undefined): Json {
  const handed = objectsIn(member(common, "tlsCertificateSdsSecretConfigs")).map(({ name }) => textOf(name));
  const files = objectsIn(member(common, "tlsCertificates")).map((each) => {
    const [chain, key] = ["certificateChain", "privateKey"].map((part) =>
      textOf(member(each, part, "filename")),
    );
    return `file-cert:${chain}~${key}`;
  });
  return [...handed, ...files];
}

function viewOfTrusted(file: Json | undefined): string | undefined {
  if (file === undefined) return undefined;
  return file === "/etc/ssl/certs/ca-certificates.crt" ? "file-root:system" : `file-root:${textOf(file)}`;
}

/** Envoy has two lists: an older one for names of every sort, and one that says of each which sort it is. */
function viewOfNames(context: Json | undefined): Json {
  const older = objectsIn(member(context, "matchSubjectAltNames"));
  const typed = objectsIn(member(context, "matchTypedSubjectAltNames"));
  return sorted([...older, ...typed.map(({ matcher }) => matcher ?? null)]);
}

/**
 * What a server agrees to speak, but for the protocol in which workloads tell of each other, for statistics. What clients offer is for the
 * protocols of the mesh, of which both sides have a list of their own.
 */
function viewOfProtocols(config: Json | undefined): readonly string[] {
  if (typeName(config) !== "DownstreamTlsContext") return [];
  const all = textsIn(member(config, "commonTlsContext", "alpnProtocols"));
  return all.filter((each) => each !== "istio-peer-exchange");
}
