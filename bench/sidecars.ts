// The sidecars of the synthetic mesh, each in front of a workload of another service, spread over the namespaces.

import type { MeshProxy } from "#compiler";
import { addressOf, type MeshSize, namespaceOf } from "./synthetic-mesh.ts";

/** As the compiler knows a connected proxy. */
export function sidecar(index: number, size: MeshSize, hasIdentity: boolean): MeshProxy {
  const namespace = namespaceOf(index, size);
  return {
    id: `app-${index}.${namespace}`,
    type: "sidecar",
    name: `app-${index}`,
    namespace,
    ip: addressOf(index, 0),
    labels: { app: `app-${index}` },
    serviceAccount: `app-${index}`,
    interceptionMode: "REDIRECT",
    hasIdentity,
  };
}

/** What an Envoy in front of it says of itself. */
export function nodeOf({ name, namespace, ip, labels, serviceAccount }: MeshProxy) {
  return {
    id: `sidecar~${ip}~${name}.${namespace}~${namespace}.svc.cluster.local`,
    cluster: `${name}.${namespace}`,
    userAgentName: "bench",
    metadata: { LABELS: { ...labels }, SERVICE_ACCOUNT: serviceAccount, VHDS: true },
  };
}
