// What a gateway listens for, and which proxies are that gateway.

import type { Labels } from "./labels.ts";
import type { Origin } from "./origin.ts";
import type { Protocol } from "./service.ts";

/** One gateway object. `key` is `namespace/name`, as route sets refer to it. */
export interface GatewayConfig {
  readonly key: string;
  readonly name: string;
  readonly namespace: string;
  /** Labels of the proxies that serve it; empty selects every gateway proxy. */
  readonly selector: Labels;
  readonly servers: readonly GatewayServer[];
  readonly created?: string;
  readonly origin: Origin;
}

export interface GatewayServer {
  readonly name?: string;
  readonly port: { readonly number: number; readonly name: string; readonly protocol: Protocol };
  /** Address to bind; absent: the proxy's wildcard address. */
  readonly bind?: string;
  /** `namespace` is `*` (any), or one namespace that route sets must come from. */
  readonly hosts: readonly { readonly namespace: string; readonly host: string }[];
  readonly tls?: ServerTls;
  readonly origin: Origin;
}

export interface ServerTls {
  readonly httpsRedirect: boolean;
  /** Absent: no TLS settings but a redirect. `mesh` is ISTIO_MUTUAL. */
  readonly mode?: "passthrough" | "simple" | "mutual" | "optional-mutual" | "auto-passthrough" | "mesh";
  /** Names of credentials in the gateway proxy's namespace. */
  readonly credentialNames: readonly string[];
  /** Credential with the client CA alone. */
  readonly caCredentialName?: string;
  /** Paths on the proxy's own disk. */
  readonly serverCertificate?: string;
  readonly privateKey?: string;
  readonly caCertificates?: string;
  readonly subjectAltNames: readonly string[];
  readonly verifyCertificateSpki: readonly string[];
  readonly verifyCertificateHash: readonly string[];
  readonly minProtocolVersion?: "TLSV1_0" | "TLSV1_1" | "TLSV1_2" | "TLSV1_3";
  readonly maxProtocolVersion?: "TLSV1_0" | "TLSV1_1" | "TLSV1_2" | "TLSV1_3";
  readonly cipherSuites: readonly string[];
  readonly insecureSkipVerify: boolean;
}
