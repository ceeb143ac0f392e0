// ClusterPlan → Envoy Cluster. Puts together what the files beside it write; decides nothing that a plan could have said.

import { create } from "@bufbuild/protobuf";
import {
  Cluster_CommonLbConfigSchema,
  ClusterSchema,
} from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import { share } from "#encoding";
import type { ClusterDiscovery, ClusterPlan } from "../../4-view/plan/index.ts";
import { memoizeByIdentity } from "../../model/memo.ts";
import { durationOf } from "../duration.ts";
import type { EmittedResource } from "../resource.ts";
import { upstreamTransport } from "../tls/upstream.ts";
import { circuitBreakers } from "./circuit-breakers.ts";
import { discoveryFields } from "./discovery.ts";
import { httpProtocolOptions, httpProtocolOptionsKey, upstreamProtocol } from "./http-protocol.ts";
import { loadBalancingPolicy } from "./load-balancing.ts";
import { clusterMetadata } from "./metadata.ts";
import { outlierDetection } from "./outlier-detection.ts";

export const clusterTypeUrl = "type.googleapis.com/envoy.config.cluster.v3.Cluster";

/** One Cluster under the plan's name. */
export const emitCluster = memoizeByIdentity((plan: ClusterPlan): EmittedResource => {
  const { discovery } = plan;
  const httpOptions = httpProtocolOptions(plan);
  const metadata = clusterMetadata(plan);
  const keepalive = tcpKeepalive(plan);
  const message = create(ClusterSchema, {
    name: plan.name,
    connectTimeout: durationOf(plan.connectionPool?.tcp.connectTimeoutMs ?? plan.connectTimeoutMs),
    ...discoveryFields(plan.name, discovery),
    ...(!bringsItsOwnPolicy(discovery) && { loadBalancingPolicy: loadBalancingPolicy(plan) }),
    commonLbConfig: panicBelow(plan.outlierDetection?.minHealthPercent ?? 0),
    ...(discovery.type !== "black-hole" && { circuitBreakers: circuitBreakers(plan) }),
    ...(plan.outlierDetection && { outlierDetection: outlierDetection(plan.outlierDetection) }),
    ...(httpOptions && { typedExtensionProtocolOptions: { [httpProtocolOptionsKey]: httpOptions } }),
    ...(keepalive && { upstreamConnectionOptions: { tcpKeepalive: keepalive } }),
    ...upstreamTransport(plan.tls, upstreamProtocol(plan), plan.proxyProtocol),
    ...(metadata && { metadata }),
  });
  return { typeUrl: clusterTypeUrl, name: plan.name, schema: ClusterSchema, message, origins: plan.origins };
});

function bringsItsOwnPolicy({ type }: ClusterDiscovery): boolean {
  return type === "original-dst" || type === "named-by-request";
}

/**
 * Without a policy Envoy never panics: it keeps refusing rather than sending traffic to endpoints known to be unready
 * (Envoy's own default is to panic below 50 % healthy).
 */
const panicBelow = memoizeByIdentity((percent: number) =>
  share(create(Cluster_CommonLbConfigSchema, { healthyPanicThreshold: { value: percent } })),
);

/** The policy's keepalive over the mesh's, field by field. Envoy takes whole seconds. */
function tcpKeepalive(plan: ClusterPlan) {
  const settings = { ...plan.tcpKeepalive, ...plan.connectionPool?.tcp.keepalive };
  const { probes, timeMs, intervalMs } = settings;
  if (probes === undefined && timeMs === undefined && intervalMs === undefined) return undefined;
  return {
    ...(probes === undefined ? {} : { keepaliveProbes: probes }),
    ...(timeMs === undefined ? {} : { keepaliveTime: Math.ceil(timeMs / 1000) }),
    ...(intervalMs === undefined ? {} : { keepaliveInterval: Math.ceil(intervalMs / 1000) }),
  };
}
