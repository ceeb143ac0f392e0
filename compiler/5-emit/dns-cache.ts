// Addresses of the hosts that requests to the explicit proxy name. The filter that looks a host up and the cluster that
// connects to it find each other by this cache, which therefore must say the same in both.

import { create } from "@bufbuild/protobuf";
import { Cluster_DnsLookupFamily } from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import { DnsCacheConfigSchema } from "@envoyproxy/protos-ts/envoy/extensions/common/dynamic_forward_proxy/v3/dns_cache";

export const requestedHosts = create(DnsCacheConfigSchema, {
  name: "requested-hosts",
  dnsLookupFamily: Cluster_DnsLookupFamily.V4_PREFERRED,
});
