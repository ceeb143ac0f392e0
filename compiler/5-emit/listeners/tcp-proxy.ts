// The end of a chain that forwards bytes: our TcpTerminal as Envoy's TcpProxy.

import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  type TcpProxy,
  TcpProxy_WeightedCluster_ClusterWeightSchema,
  TcpProxy_WeightedClusterSchema,
  TcpProxySchema,
} from "@envoyproxy/protos-ts/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy";
import { HashPolicy_SourceIpSchema, HashPolicySchema } from "@envoyproxy/protos-ts/envoy/type/v3/hash_policy";
import type { TcpTerminal } from "../../4-view/plan/listeners.ts";
import { blackHoleCluster } from "../../model/names.ts";
import { accessLogs } from "../access-log.ts";

export function tcpProxy(terminal: TcpTerminal): TcpProxy {
  return create(TcpProxySchema, {
    statPrefix: terminal.statPrefix,
    clusterSpecifier: clusterSpecifier(terminal),
    ...(terminal.idleTimeoutMs !== undefined && { idleTimeout: durationFromMs(terminal.idleTimeoutMs) }),
    hashPolicy: terminal.hashSourceIp ? [bySourceIp] : [],
    accessLog: accessLogs(terminal.accessLog),
  });
}

const bySourceIp = create(HashPolicySchema, {
  policySpecifier: { case: "sourceIp", value: create(HashPolicy_SourceIpSchema) },
});

/** Without a cluster to name, none is reachable; by SNI it is another one for each connection anyway. */
function clusterSpecifier({ clusters }: TcpTerminal): TcpProxy["clusterSpecifier"] {
  const reachable = clusters.length === 1 ? clusters : clusters.filter(({ weight }) => weight > 0);
  const [first, ...others] = reachable;
  if (first === undefined || others.length === 0) {
    return { case: "cluster", value: first?.cluster ?? blackHoleCluster };
  }
  return {
    case: "weightedClusters",
    value: create(TcpProxy_WeightedClusterSchema, {
      clusters: reachable.map(({ cluster, weight }) =>
        create(TcpProxy_WeightedCluster_ClusterWeightSchema, { name: cluster, weight }),
      ),
    }),
  };
}
