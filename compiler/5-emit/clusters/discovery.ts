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
import { ClusterConfigSchema } from "@envoyproxy/protos-ts/envoy/extensions/clusters/dynamic_forward_proxy/v3/cluster";
import type { ClusterDiscovery } from "../../4-view/plan/index.ts";
import { adsSource } from "../ads-source.ts";
import { requestedHosts } from "../dns-cache.ts";
import { buildLoadAssignment } from "../endpoints/index.ts";
import { packAny } from "../envoy-any.ts";

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
        ...bindTo(discovery.sourceAddress),
      };
    case "original-dst":
      return {
        clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.ORIGINAL_DST },
        lbPolicy: Cluster_LbPolicy.CLUSTER_PROVIDED,
        ...bindTo(discovery.sourceAddress),
      };
    case "named-by-request":
      return {
        clusterDiscoveryType: {
          case: "clusterType",
          value: {
            name: "envoy.clusters.dynamic_forward_proxy",
            typedConfig: packAny(
              ClusterConfigSchema,
              create(ClusterConfigSchema, {
                clusterImplementationSpecifier: { case: "dnsCacheConfig", value: requestedHosts },
              }),
            ),
          },
        },
        lbPolicy: Cluster_LbPolicy.CLUSTER_PROVIDED,
      };
    case "black-hole":
      return { clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.STATIC } };
  }
}

/** Any port of that address. */
function bindTo(address: string | undefined) {
  if (address === undefined) return {};
  const sourceAddress = { address, portSpecifier: { case: "portValue" as const, value: 0 } };
  return { upstreamBindConfig: { sourceAddress } };
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
