// Names of what Envoy is given, in Istio's forms, because dashboards, alerts and habits read them. Printing and parsing
// are inverses; nobody else takes a name apart.

/** Sends a connection where its client meant to. */
export const passthroughCluster = "PassthroughCluster";
/** Sends a request to the explicit proxy on to the host that it names, found by DNS. */
export const explicitPassthroughCluster = "ExplicitPassthroughCluster";
/** Has no endpoints: refuses whatever reaches it. */
export const blackHoleCluster = "BlackHoleCluster";
/** Hands inbound traffic for undeclared ports to the application, at its original destination. */
export const inboundPassthroughCluster = "InboundPassthroughCluster";

/** Listens where outbound traffic is redirected to (15001). */
export const virtualOutboundListener = "virtualOutbound";
/** Listens where inbound traffic is redirected to (15006). */
export const virtualInboundListener = "virtualInbound";

/** Route table of the explicit HTTP proxy listener. */
export const httpProxyRoutes = "http_proxy";
/** Virtual host of destinations that no service describes, when those are allowed. */
export const allowAnyHost = "allow_any";
/** Virtual host of destinations that no service describes, when those are refused. */
export const blockAllHost = "block_all";

/** SDS name of the workload's own certificate and key. */
export const workloadCertificateSecret = "default";
/** SDS name of the roots that workload certificates are verified against. */
export const meshRootsSecret = "ROOTCA";

/** The parts of a service's or a workload port's cluster name. Built-in clusters have none. */
export type ClusterName =
  | {
      readonly direction: "outbound";
      readonly port: number;
      readonly subset?: string;
      readonly host: string;
    }
  | { readonly direction: "inbound"; readonly port: number };

/** `outbound|9080|v1|reviews.default.svc.cluster.local`; the third part is empty without a subset. */
export function outboundCluster(port: number, subset: string | undefined, host: string): string {
  return `outbound|${port}|${subset ?? ""}|${host}`;
}

/** `inbound|9080||`: the application behind this proxy, on that port. */
export function inboundCluster(port: number): string {
  return `inbound|${port}||`;
}

/** The inverse of `parseClusterName`. */
export function formatClusterName(name: ClusterName): string {
  switch (name.direction) {
    case "outbound":
      return outboundCluster(name.port, name.subset, name.host);
    case "inbound":
      return inboundCluster(name.port);
  }
}

/** Undefined for built-in clusters and for anything that no function here prints. */
export function parseClusterName(name: string): ClusterName | undefined {
  return clusterFromParts(name.split("|"));
}

/**
 * The name of a service's cluster as a DNS name, `outbound_.9080_.v1_.reviews.default.svc.cluster.local`: the SNI of
 * mesh mutual TLS, by which a gateway that passes connections through (AUTO_PASSTHROUGH) finds the cluster. Empty, which is to
 * say no name at all, where it would be longer than TLS carries; nobody but such a gateway looks at it.
 */
export function sniOfCluster(port: number, subset: string | undefined, host: string): string {
  const sni = `outbound_.${port}_.${subset ?? ""}_.${host}`;
  return sni.length > longestSni ? "" : sni;
}

/** `UpstreamTlsContext.sni` and OpenSSL's `TLSEXT_MAXLEN_host_name`, in bytes; no host has any but ASCII. */
const longestSni = 255;

/** The inverse of `sniOfCluster`. */
export function parseClusterSni(sni: string): ClusterName | undefined {
  const name = clusterFromParts(sni.split("_."));
  return name?.direction === "outbound" ? name : undefined;
}

function clusterFromParts(parts: readonly string[]): ClusterName | undefined {
  const [direction, portText, subset, host] = parts;
  if (parts.length !== 4 || portText === undefined) return undefined;
  const port = parsePort(portText);
  if (port === undefined) return undefined;
  if (direction === "inbound") return subset === "" && host === "" ? { direction, port } : undefined;
  if (direction !== "outbound" || !host) return undefined;
  return subset ? { direction, port, subset, host } : { direction, port, host };
}

/** `0.0.0.0_9080`, `10.0.0.1_443`: a listener for one address and port. */
export function listenerName(address: string, port: number): string {
  return `${address}_${port}`;
}

/** Undefined for the virtual listeners. */
export function parseListenerName(
  name: string,
): { readonly address: string; readonly port: number } | undefined {
  const at = name.lastIndexOf("_");
  const port = parsePort(name.slice(at + 1));
  return at <= 0 || port === undefined ? undefined : { address: name.slice(0, at), port };
}

/** Outbound route table of all HTTP services on one port: `9080`. */
export function outboundRoutes(port: number): string {
  return String(port);
}

/** Outbound route table of one service, for what comes to its own addresses: `any.shop.svc.cluster.local:7000`. */
export function serviceRoutes(host: string, port: number): string {
  return `${host}:${port}`;
}

/** Which server of a gateway a route table belongs to. Plain HTTP servers of one port share a table. */
export type GatewayRoutes =
  | { readonly scheme: "http"; readonly port: number; readonly bind?: string }
  | {
      readonly scheme: "https";
      readonly port: number;
      readonly portName: string;
      readonly gateway: string;
      readonly namespace: string;
      readonly bind?: string;
    };

/** `http.8080` or `https.443.<port name>.<gateway>.<namespace>`, either with `.<bind>` when the server binds an address. */
export function gatewayRoutes(routes: GatewayRoutes): string {
  const bind = routes.bind === undefined ? "" : `.${routes.bind}`;
  switch (routes.scheme) {
    case "http":
      return `http.${routes.port}${bind}`;
    case "https":
      return `https.${routes.port}.${routes.portName}.${routes.gateway}.${routes.namespace}${bind}`;
  }
}

/**
 * Undefined for tables of sidecars. A gateway's name that contains dots is not told from the parts around it: Istio's
 * form is ambiguous there, and the first dot ends a part.
 */
export function parseGatewayRoutes(name: string): GatewayRoutes | undefined {
  const [scheme, portText = "", ...rest] = name.split(".");
  const port = parsePort(portText);
  if (port === undefined) return undefined;
  const withBind = (parts: readonly string[]) => (parts.length === 0 ? {} : { bind: parts.join(".") });
  if (scheme === "http") return { scheme, port, ...withBind(rest) };
  const [portName, gateway, namespace, ...bind] = rest;
  if (scheme !== "https" || !portName || !gateway || !namespace) return undefined;
  return { scheme, port, portName, gateway, namespace, ...withBind(bind) };
}

/** A credential in SDS: `ca` is the bundle that clients (or servers) are verified against. */
export interface CredentialSecret {
  readonly name: string;
  /** Absent: the namespace of the proxy that asks. */
  readonly namespace?: string;
  readonly part: "certificate" | "ca";
}

const credentialScheme = "kubernetes://";
const caSuffix = "-cacert";

/** `kubernetes://name`, `kubernetes://namespace/name`; with `-cacert` for the CA part. */
export function credentialSecret(secret: CredentialSecret): string {
  const namespace = secret.namespace === undefined ? "" : `${secret.namespace}/`;
  return `${credentialScheme}${namespace}${secret.name}${secret.part === "ca" ? caSuffix : ""}`;
}

/** The inverse of `credentialSecret`. A certificate credential must not end in `-cacert`, as in Istio. */
export function parseCredentialSecret(name: string): CredentialSecret | undefined {
  if (!name.startsWith(credentialScheme)) return undefined;
  const path = name.slice(credentialScheme.length);
  const part = path.endsWith(caSuffix) ? "ca" : "certificate";
  const segments = (part === "ca" ? path.slice(0, -caSuffix.length) : path).split("/");
  if (segments.length > 2 || segments.includes("")) return undefined;
  const [first = "", second] = segments;
  return second === undefined ? { name: first, part } : { namespace: first, name: second, part };
}

function parsePort(text: string): number | undefined {
  const port = Number(text);
  return /^[1-9][0-9]*$|^0$/.test(text) && port <= 65535 ? port : undefined;
}

/** RFC 1123 label in Istio's reading: letters of either case, digits, inner hyphens, at most 63. */
export function isDnsLabel(text: string): boolean {
  return /^[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/.test(text);
}
