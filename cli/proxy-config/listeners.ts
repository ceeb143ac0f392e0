// Listeners as a table: a line per filter chain, with what it is for and where it leads. What a gRPC client without a proxy calls
// by name is a line of its own.

import { anyUnpack } from "@bufbuild/protobuf/wkt";
import type { CidrRange } from "@envoyproxy/protos-ts/envoy/config/core/v3/address";
import type { Listener } from "@envoyproxy/protos-ts/envoy/config/listener/v3/listener";
import type {
  FilterChain,
  FilterChainMatch,
} from "@envoyproxy/protos-ts/envoy/config/listener/v3/listener_components";
import {
  type HttpConnectionManager,
  HttpConnectionManagerSchema,
} from "@envoyproxy/protos-ts/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import {
  type TcpProxy,
  TcpProxySchema,
} from "@envoyproxy/protos-ts/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy";
import type { Served } from "./served.ts";
import { addressParts, firstTwo, type Table } from "./table-parts.ts";

export function listenerTable(listeners: readonly Served<Listener>[]): Table {
  return {
    headings: ["ADDRESS", "PORT", "MATCH", "DESTINATION"],
    rows: listeners.flatMap(({ message }) => {
      const called = message.apiListener?.apiListener;
      const api = called && anyUnpack(called, HttpConnectionManagerSchema);
      if (api) return [[...namedParts(message.name), "ALL", routesOf(api)]];
      const place = addressParts(message.address);
      const chains = message.filterChains.map((chain) => [
        ...place,
        describeMatch(chain.filterChainMatch),
        destinationOf(chain),
      ]);
      const rest = message.defaultFilterChain;
      return rest ? [...chains, [...place, "everything else", destinationOf(rest)]] : chains;
    }),
  };
}

/** `reviews.default:9080`. */
function namedParts(name: string): readonly [string, string] {
  const at = name.lastIndexOf(":");
  return [name.slice(0, at), name.slice(at + 1)];
}

function describeMatch(match: FilterChainMatch | undefined): string {
  if (!match) return "ALL";
  const parts: readonly (readonly [string, string])[] = [
    ["SNI", firstTwo(match.serverNames)],
    ["Trans", match.transportProtocol],
    ["App", firstTwo(match.applicationProtocols)],
    ["Addr", firstTwo(match.prefixRanges.map(describeRange))],
    ["Port", String(match.destinationPort ?? "")],
    ["From", firstTwo(match.sourcePrefixRanges.map(describeRange))],
  ];
  const told = parts.filter(([, text]) => text !== "").map(([label, text]) => `${label}: ${text}`);
  return told.length === 0 ? "ALL" : told.join("; ");
}

function describeRange({ addressPrefix, prefixLen }: CidrRange): string {
  return `${addressPrefix}/${prefixLen ?? 0}`;
}

function destinationOf({ filters }: FilterChain): string {
  for (const { configType } of filters) {
    if (configType.case !== "typedConfig") continue;
    const manager = anyUnpack(configType.value, HttpConnectionManagerSchema);
    if (manager) return routesOf(manager);
    const proxy = anyUnpack(configType.value, TcpProxySchema);
    if (proxy) return clustersOf(proxy);
  }
  return filters.map(({ name }) => name).join(", ");
}

function routesOf({ routeSpecifier }: HttpConnectionManager): string {
  switch (routeSpecifier.case) {
    case "rds":
      return `Route: ${routeSpecifier.value.routeConfigName}`;
    case "routeConfig":
      return `Inline Route: ${routeSpecifier.value.name}`;
    case "scopedRoutes":
      return `Scoped Routes: ${routeSpecifier.value.name}`;
    case undefined:
      return "";
  }
}

function clustersOf({ clusterSpecifier }: TcpProxy): string {
  switch (clusterSpecifier.case) {
    case "cluster":
      return `Cluster: ${clusterSpecifier.value}`;
    case "weightedClusters": {
      const parts = clusterSpecifier.value.clusters.map(({ name, weight }) => `${name} (${weight})`);
      return `Clusters: ${parts.join(", ")}`;
    }
    case undefined:
      return "";
  }
}
