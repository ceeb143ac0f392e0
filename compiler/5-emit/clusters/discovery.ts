// How Envoy finds the endpoints of a cluster: the fields of a Cluster that say so, from a plan's discovery.

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  Cluster_DiscoveryType,
  Cluster_LbPolicy,
  type ClusterSchema,
} from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import { DnsLookupFamily } from "@envoyproxy/protos-ts/envoy/extensions/clusters/common/dns/v3/dns";
import { DnsClusterSchema } from "@envoyproxy/protos-ts/envoy/extensions/clusters/dns/v3/dns_cluster";
import type { ClusterDiscovery, ClusterPlan } from "../../4-view/plan/index.ts";
import { adsSource } from "../ads-source.ts";
import { buildLoadAssignment } from "../endpoints/index.ts";
import { packAny } from "../envoy-any.ts";

/** The discovery of a plan; load balancing `passthrough` means the original destination, wherever endpoints are known from. */
export function discoveryOf(plan: ClusterPlan): ClusterDiscovery {
  return plan.loadBalancer?.algorithm.type === "passthrough" && plan.discovery.type !== "original-dst"
    ? { type: "original-dst" }
    : plan.discovery;
}

type DiscoveryFields = Pick<
  MessageInitShape<typeof ClusterSchema>,
  "clusterDiscoveryType" | "edsClusterConfig" | "lbPolicy" | "loadAssignment" | "upstreamBindConfig"
>;

/** Fields of the Cluster named `name`. */
export function discoveryFields(name: string, discovery: ClusterDiscovery): DiscoveryFields {
  switch (discovery.type) {
    case "eds":
      return {
        clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.EDS },
        edsClusterConfig: { edsConfig: adsSource, serviceName: name },
      };
    case "strict-dns":
    case "logical-dns":
      return {
        clusterDiscoveryType: {
          case: "clusterType",
          value: { name: "envoy.cluster.dns", typedConfig: packAny(DnsClusterSchema, dnsCluster(discovery)) },
        },
        loadAssignment: buildLoadAssignment(discovery.endpoints),
      };
    case "static":
      return {
        clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.STATIC },
        loadAssignment: buildLoadAssignment(discovery.endpoints),
      };
    case "original-dst":
      return {
        clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.ORIGINAL_DST },
        lbPolicy: Cluster_LbPolicy.CLUSTER_PROVIDED,
        ...(discovery.sourceAddress !== undefined && {
          upstreamBindConfig: { sourceAddress: anyPortOf(discovery.sourceAddress) },
        }),
      };
    case "black-hole":
      return { clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.STATIC } };
  }
}

function anyPortOf(address: string) {
  return { address, portSpecifier: { case: "portValue" as const, value: 0 } };
}

type DnsDiscovery = Extract<ClusterDiscovery, { readonly type: "strict-dns" | "logical-dns" }>;

function dnsCluster(discovery: DnsDiscovery) {
  return create(DnsClusterSchema, {
    dnsRefreshRate: durationFromMs(discovery.refreshMs),
    respectDnsTtl: true,
    // Works for names with either kind of address, whatever the proxy itself has.
    dnsLookupFamily: DnsLookupFamily.V4_PREFERRED,
    // What the legacy type LOGICAL_DNS is made of: one host whose address is whatever the name resolves to now.
    allAddressesInSingleEndpoint: discovery.type === "logical-dns",
  });
}
