// From what a client says of itself (its node, written by `fairlead bootstrap`) to the proxy that the compiler knows.

import { type Labels, type Locality, type Mesh, type MeshProxy, proxyOf } from "#compiler";
import type { WorkloadIdentity } from "#identity";
import type { ClientNode, StreamRefusal } from "#xds-server";

/** What of a mesh has a say in what a node is; in every mesh that has the same it is the same. */
export type ClaimedParts = Pick<Mesh, "workloads" | "gateways" | "config">;

export type ProxyFromNode =
  | { readonly ok: true; readonly proxy: MeshProxy }
  | { readonly ok: false; readonly refusal: StreamRefusal };

const nodeIdForm = /^(sidecar|router)~([^~]*)~([^~]+)\.([^~.]+)~[^~]*$/;

/**
 * Reads `type~ip~name.namespace~domain` and the metadata LABELS, SERVICE_ACCOUNT and INTERCEPTION_MODE, as Istio's
 * proxies send them. A workload that the files describe has the files' labels: what a node says of itself must not be
 * able to select policy away. A claim that contradicts the proven identity is refused. A gRPC library that speaks xDS
 * itself has the id of a sidecar, and GENERATOR says `grpc`; its user agent alone is enough, as it can use nothing else.
 */
export function proxyFromNode(
  mesh: ClaimedParts,
  node: ClientNode,
  identity: WorkloadIdentity | undefined,
): ProxyFromNode {
  const [, type, ip = "", name, namespace] = nodeIdForm.exec(node.id) ?? [];
  if ((type !== "sidecar" && type !== "router") || name === undefined || namespace === undefined) {
    return refuse(
      "INVALID_ARGUMENT",
      `node id "${node.id}" is not of the form sidecar~IP~NAME.NAMESPACE~DOMAIN; use \`fairlead bootstrap\``,
    );
  }
  const written = workloadsById(mesh.workloads).get(`${name}~${namespace}`);
  const metadata = node.metadata;
  const serviceAccount =
    written && written.serviceAccount !== ""
      ? written.serviceAccount
      : (text(metadata.SERVICE_ACCOUNT) ?? "default");
  if (identity && (identity.namespace !== namespace || identity.serviceAccount !== serviceAccount)) {
    return refuse(
      "PERMISSION_DENIED",
      `node ${name}.${namespace} is a workload of service account ${namespace}/${serviceAccount}, ` +
        `but this stream is authenticated as ${identity.namespace}/${identity.serviceAccount}`,
    );
  }
  const base = written && proxyOf(mesh, written);
  const mode = text(metadata.INTERCEPTION_MODE);
  const proxy: MeshProxy = {
    id: `${name}.${namespace}`,
    type: isProxyless(node) ? "proxyless" : type,
    name,
    namespace,
    ip,
    labels: base?.labels ?? labelsOf(metadata.LABELS),
    serviceAccount,
    ...localityOf(base?.locality ?? { ...node.locality, subzone: node.locality.subZone }),
    interceptionMode:
      mode === "REDIRECT" || mode === "TPROXY" || mode === "NONE"
        ? mode
        : (base?.interceptionMode ?? mesh.config.proxy.interceptionMode),
    hasIdentity: identity !== undefined,
  };
  return { ok: true, proxy };
}

const byId = new WeakMap<Mesh["workloads"], ReadonlyMap<string, Mesh["workloads"][number]>>();

/** Those that an object of their own describes, the first of each name. No part of a node id has a `~`, while names may have dots. */
function workloadsById(workloads: Mesh["workloads"]) {
  return byId.getOrInsertComputed(workloads, () => {
    const made = new Map<string, Mesh["workloads"][number]>();
    for (const workload of workloads) {
      if (workload.source !== "inline") made.getOrInsert(`${workload.name}~${workload.namespace}`, workload);
    }
    return made;
  });
}

function isProxyless({ metadata, userAgentName }: ClientNode): boolean {
  return metadata.GENERATOR === "grpc" || /^grpc\b/i.test(userAgentName);
}

/** `name.namespace`, as people call a proxy; an id of another form, which gets no session, stays as it is. */
export function nameOfNode(nodeId: string): string {
  return nodeId.split("~")[2] ?? nodeId;
}

function refuse(code: StreamRefusal["code"], message: string): ProxyFromNode {
  return { ok: false, refusal: { code, message } };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function labelsOf(value: unknown): Labels {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, label]) => (typeof label === "string" ? [[key, label]] : [])),
  );
}

function localityOf(locality: Partial<Locality> | undefined): { readonly locality?: Locality } {
  if (!locality?.region) return {};
  return {
    locality: { region: locality.region, zone: locality.zone ?? "", subzone: locality.subzone ?? "" },
  };
}
