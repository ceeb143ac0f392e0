// TLS of a gateway server: where its certificates come from, and whether they are there at all.

import type { Mesh } from "../3-mesh/mesh.ts";
import type { GatewayServer, ServerTls } from "../model/gateway.ts";
import { credentialSecret } from "../model/names.ts";
import type { Origin } from "../model/origin.ts";
import type { CertificateSource, DownstreamTlsPlan, SecretPlan } from "./plan/index.ts";
import type { MeshProxy } from "./proxy.ts";

export interface GatewayTls {
  readonly tls: DownstreamTlsPlan;
  readonly secrets: readonly SecretPlan[];
}

/** Also where TCP is behind it: there are clients of gRPC that go away when nothing is agreed on. */
const alpn: readonly string[] = ["h2", "http/1.1"];
const anyTrustDomain: readonly string[] = [];

/**
 * Undefined when a certificate is missing, or cannot be sent on a plain-text stream: a chain that waits for a secret
 * for ever would keep its whole listener, with every other host on it, from going live.
 */
export function planGatewayTls(
  mesh: Mesh,
  proxy: MeshProxy,
  { tls, origin }: GatewayServer,
): GatewayTls | undefined {
  if (!tls) return undefined;
  if (tls.mode === "mesh") {
    const { subjectAltNames } = tls;
    const plan = { type: "mesh", trustDomains: anyTrustDomain, subjectAltNames, alpn } as const;
    return proxy.hasIdentity ? { tls: plan, secrets: [] } : undefined;
  }
  const mutual = tls.mode === "mutual" || tls.mode === "optional-mutual";
  const secrets: SecretPlan[] = [];
  const certificates: CertificateSource[] = [];
  for (const credentialName of tls.credentialNames) {
    const credential = mesh.credentials.get(`${proxy.namespace}/${credentialName}`);
    if (!proxy.hasIdentity || !credential?.certificate || !credential.privateKey) return undefined;
    const name = credentialSecret({ name: credentialName, part: "certificate" });
    certificates.push({ type: "sds", name });
    secrets.push({ name, part: "certificate", credential, origins: [credential.origin, origin] });
  }
  if (tls.serverCertificate && tls.privateKey) {
    certificates.push({ type: "file", certificate: tls.serverCertificate, privateKey: tls.privateKey });
  }
  if (certificates.length === 0) return undefined;

  const clientCa = mutual ? clientCaOf(mesh, proxy, tls, origin) : undefined;
  if (mutual && !clientCa) return undefined;
  if (clientCa?.secret) secrets.push(clientCa.secret);
  return {
    tls: {
      type: "server",
      certificates,
      ...(clientCa ? { clientCa: clientCa.source } : {}),
      requireClientCertificate: tls.mode === "mutual",
      subjectAltNames: tls.subjectAltNames,
      verifyCertificateSpki: tls.verifyCertificateSpki,
      verifyCertificateHash: tls.verifyCertificateHash,
      ...(tls.minProtocolVersion ? { minVersion: tls.minProtocolVersion } : {}),
      ...(tls.maxProtocolVersion ? { maxVersion: tls.maxProtocolVersion } : {}),
      cipherSuites: tls.cipherSuites,
      insecureSkipVerify: tls.insecureSkipVerify,
      alpn,
    },
    secrets,
  };
}

type ClientCa = NonNullable<Extract<DownstreamTlsPlan, { type: "server" }>["clientCa"]>;

/** The CA for client certificates: a credential of its own, `<name>-cacert`, or inside the server's credential. */
function clientCaOf(
  mesh: Mesh,
  proxy: MeshProxy,
  tls: ServerTls,
  origin: Origin,
): { readonly source: ClientCa; readonly secret?: SecretPlan } | undefined {
  const [first] = tls.credentialNames;
  const candidates = [tls.caCredentialName, first && `${first}-cacert`, first].filter(
    (each) => each !== undefined,
  );
  for (const candidate of candidates) {
    const credential = mesh.credentials.get(`${proxy.namespace}/${candidate}`);
    if (!credential?.caCertificate) continue;
    const name = credentialSecret({ name: candidate.replace(/-cacert$/, ""), part: "ca" });
    return {
      source: { type: "sds", name },
      secret: { name, part: "ca", credential, origins: [credential.origin, origin] },
    };
  }
  return tls.caCertificates ? { source: { type: "file", path: tls.caCertificates } } : undefined;
}
