// The sidecars of the synthetic mesh, each in front of a workload of another service, spread over the namespaces; more
// sidecars than services are further replicas.

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { NodeSchema } from "@envoyproxy/protos-ts/envoy/config/core/v3/base";
import type { MeshProxy } from "#compiler";
import { addressOf, type MeshSize, namespaceOf } from "./synthetic-mesh.ts";

/** A mesh with room for that many sidecars; the last endpoint of each service never has one, and may move. */
export function sizeFor(sidecars: number, size: MeshSize): MeshSize {
  const replicas = Math.ceil(sidecars / size.services);
  return { ...size, endpointsPerService: Math.max(size.endpointsPerService, replicas + 1) };
}

/** As the compiler knows a connected proxy. */
export function sidecar(index: number, size: MeshSize, hasIdentity: boolean): MeshProxy {
  const service = index % size.services;
  const namespace = namespaceOf(service, size);
  return {
    id: `app-${index}.${namespace}`,
    type: "sidecar",
    name: `app-${index}`,
    namespace,
    ip: addressOf(service, Math.floor(index / size.services)),
    labels: { app: `app-${service}` },
    serviceAccount: `app-${service}`,
    interceptionMode: "REDIRECT",
    hasIdentity,
  };
}

/**
 * What an Envoy in front of it says of itself; with `vhds`, that it is an Envoy 1.40, which takes virtual hosts as resources
 * of their own.
 */
export function nodeOf({ name, namespace, ip, labels, serviceAccount }: MeshProxy, vhds: boolean) {
  return {
    id: `sidecar~${ip}~${name}.${namespace}~${namespace}.svc.cluster.local`,
    cluster: `${name}.${namespace}`,
    metadata: { LABELS: { ...labels }, SERVICE_ACCOUNT: serviceAccount, VHDS: vhds },
    userAgentName: vhds ? "envoy" : "bench",
    ...(vhds && {
      userAgentVersionType: {
        case: "userAgentBuildVersion",
        value: { version: { majorNumber: 1, minorNumber: 40, patch: 0 } },
      },
    }),
  } satisfies MessageInitShape<typeof NodeSchema>;
}
