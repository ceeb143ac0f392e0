// What Envoy refuses in clusters.

import { anyUnpack } from "@bufbuild/protobuf/wkt";
import {
  type Cluster,
  Cluster_DiscoveryType,
  ClusterSchema,
} from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import { DnsClusterSchema } from "@envoyproxy/protos-ts/envoy/extensions/clusters/dns/v3/dns_cluster";
import { MaglevSchema } from "@envoyproxy/protos-ts/envoy/extensions/load_balancing_policies/maglev/v3/maglev";
import { RingHashSchema } from "@envoyproxy/protos-ts/envoy/extensions/load_balancing_policies/ring_hash/v3/ring_hash";
import { checkAddresses } from "./endpoints.ts";
import { refusal } from "./refusal.ts";

type Resolution = "addresses" | "one-name" | "names" | "none";

function resolutionOf({ clusterDiscoveryType: { case: kind, value } }: Cluster): Resolution {
  if (kind === "type") {
    if (value === Cluster_DiscoveryType.STATIC) return "addresses";
    return value === Cluster_DiscoveryType.LOGICAL_DNS ? "one-name" : "none";
  }
  const dns = kind === "clusterType" && value.typedConfig && anyUnpack(value.typedConfig, DnsClusterSchema);
  if (!dns) return "none";
  return dns.allAddressesInSingleEndpoint ? "one-name" : "names";
}

const endpoints = refusal(ClusterSchema, (cluster, walk) => {
  const assignment = cluster.loadAssignment;
  switch (resolutionOf(cluster)) {
    case "addresses":
      if (assignment !== undefined) checkAddresses(assignment, walk, "load_assignment");
      return;
    case "one-name":
      if (assignment?.endpoints.length !== 1 || assignment.endpoints[0]?.lbEndpoints.length !== 1) {
        walk.report(
          "must have exactly one endpoint, for it is resolved to one address at a time",
          "load_assignment",
        );
      }
      return;
    case "names":
    case "none":
      return;
  }
});

const maglev = refusal(MaglevSchema, ({ tableSize }, walk) => {
  if (tableSize !== undefined && !isPrime(Number(tableSize)))
    walk.report("must be a prime number", "table_size");
});

const defaultMaximumRing = 8_388_608n;

const ring = refusal(
  RingHashSchema,
  ({ minimumRingSize = 0n, maximumRingSize = defaultMaximumRing }, walk) => {
    if (minimumRingSize > maximumRingSize)
      walk.report("must not exceed maximum_ring_size", "minimum_ring_size");
  },
);

function isPrime(number: number): boolean {
  if (number < 2) return false;
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return true;
}

export const clusterRefusals = [endpoints, maglev, ring];
