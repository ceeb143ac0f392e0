// How a client secures its connections to one cluster: what the policy says, else automatic mesh TLS.

import type { ClientTls } from "../model/destination.ts";
import type { MeshConfig } from "../model/mesh-config.ts";
import { credentialSecret } from "../model/names.ts";
import type { MeshService } from "../model/service.ts";
import type { ClusterDiscovery, UpstreamTlsPlan } from "./plan/index.ts";

/** How many of the known endpoints speak mesh TLS. */
export type MeshPeers = "all" | "some" | "none";

/** `sni` and `sans` are the mesh's own. */
export function upstreamTls(
  service: MeshService,
  tls: ClientTls | undefined,
  sans: readonly string[],
  sni: string,
  config: MeshConfig,
  discovery: ClusterDiscovery,
  peers: () => MeshPeers,
): UpstreamTlsPlan {
  const minVersion = config.meshMtlsMinVersion ? { minVersion: config.meshMtlsMinVersion } : {};
  if (tls) return writtenTls(tls, sans, sni, service, config);
  if (!config.enableAutoMtls || service.external) return { type: "none" };
  if (discovery.type === "original-dst") {
    // No endpoint metadata to choose by: mutual TLS only where every endpoint known here speaks it.
    return peers() === "all" ? { type: "mesh", sans, sni, ...minVersion } : { type: "none" };
  }
  return { type: "mesh-auto", sans, sni, ...minVersion };
}

function writtenTls(
  tls: ClientTls,
  sans: readonly string[],
  sni: string,
  service: MeshService,
  config: MeshConfig,
): UpstreamTlsPlan {
  switch (tls.mode) {
    case "disable":
      return { type: "none" };
    case "mesh":
      return {
        type: "mesh",
        sans: tls.subjectAltNames.length > 0 ? tls.subjectAltNames : sans,
        sni: tls.sni ?? sni,
        ...(config.meshMtlsMinVersion ? { minVersion: config.meshMtlsMinVersion } : {}),
      };
    case "simple":
    case "mutual":
      return externalTls(tls, service);
  }
}

function externalTls(tls: ClientTls, service: MeshService): UpstreamTlsPlan {
  const { credentialName } = tls;
  const certificate =
    tls.mode !== "mutual"
      ? undefined
      : credentialName
        ? ({ type: "sds", name: credentialSecret({ name: credentialName, part: "certificate" }) } as const)
        : tls.clientCertificate && tls.privateKey
          ? ({ type: "file", certificate: tls.clientCertificate, privateKey: tls.privateKey } as const)
          : undefined;
  const ca = credentialName
    ? ({ type: "sds", name: credentialSecret({ name: credentialName, part: "ca" }) } as const)
    : tls.caCertificates && tls.caCertificates !== "system"
      ? ({ type: "file", path: tls.caCertificates } as const)
      : ({ type: "system" } as const);
  return {
    type: "external",
    ...(tls.sni ? { sni: tls.sni } : {}),
    sans: tls.subjectAltNames.length > 0 ? tls.subjectAltNames : service.subjectAltNames,
    insecureSkipVerify: tls.insecureSkipVerify,
    ...(certificate ? { certificate } : {}),
    ca,
  };
}

/** Mesh TLS is out of reach without a certificate; what policy says of external TLS still holds. */
export function withoutIdentity(
  tls: ClientTls | undefined,
  service: MeshService,
  config: MeshConfig,
): UpstreamTlsPlan {
  if (!tls || tls.mode === "mesh") return { type: "none" };
  return writtenTls(tls, [], "", service, config);
}
