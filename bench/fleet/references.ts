// What a resource makes an Envoy subscribe to. Decoded once per version, however many clients get it.

import { fromBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import {
  ClusterSchema,
  Cluster_DiscoveryType as Discovery,
} from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import { ListenerSchema } from "@envoyproxy/protos-ts/envoy/config/listener/v3/listener";
import { HttpConnectionManagerSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import type { FrameResource } from "./delta-frames.ts";

const known = new Map<string, readonly string[]>();

function once(resource: FrameResource, read: (body: Buffer) => readonly string[]): readonly string[] {
  const seen = known.get(resource.version);
  if (seen) return seen;
  const made = read(resource.body);
  known.set(resource.version, made);
  return made;
}

/** The load assignment that a cluster asks for, if it does. */
export function endpointsOf(cluster: FrameResource): readonly string[] {
  return once(cluster, (body) => {
    const { name, clusterDiscoveryType: type, edsClusterConfig } = fromBinary(ClusterSchema, body);
    return type.case === "type" && type.value === Discovery.EDS
      ? [edsClusterConfig?.serviceName || name]
      : [];
  });
}

/** The route tables that a listener asks for. */
export function routesOf(listener: FrameResource): readonly string[] {
  return once(listener, (body) => {
    const { filterChains, defaultFilterChain } = fromBinary(ListenerSchema, body);
    const chains = defaultFilterChain ? [...filterChains, defaultFilterChain] : filterChains;
    const names = chains.flatMap(({ filters }) =>
      filters.flatMap(({ configType }) => {
        if (configType.case !== "typedConfig") return [];
        const manager = anyUnpack(configType.value, HttpConnectionManagerSchema);
        return manager?.routeSpecifier.case === "rds" ? [manager.routeSpecifier.value.routeConfigName] : [];
      }),
    );
    return [...new Set(names)];
  });
}
