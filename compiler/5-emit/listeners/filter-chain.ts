// One filter chain: which connections, over which transport, through which filters to which end.

import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Filter,
  type FilterChain,
  FilterChainSchema,
  FilterSchema,
} from "@envoyproxy/protos-ts/envoy/config/listener/v3/listener_components";
import { HttpConnectionManagerSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import { SniClusterSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/network/sni_cluster/v3/sni_cluster";
import { TcpProxySchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy";
import { share } from "#encoding";
import type { FilterChainPlan, ListenerPlan } from "../../4-view/plan/listeners.ts";
import type { Contribution, Site } from "../../kinds/kind.ts";
import { memoizeByIdentity } from "../../model/memo.ts";
import { packAny } from "../envoy-any.ts";
import type { NetworkFilterName } from "../filter-order.ts";
import { downstreamTls } from "../tls/downstream.ts";
import { chainMatch } from "./chain-match.ts";
import {
  type Contributors,
  contributionsOf,
  inNetworkFilterOrder,
  type PlacedFilter,
} from "./contributions.ts";
import { httpConnectionManager } from "./http-connection-manager.ts";
import { tcpProxy } from "./tcp-proxy.ts";

/** Sidecars have most chains in common: each is written, and then judged, once. */
export const filterChain = memoizeByIdentity(
  (plan: FilterChainPlan, direction: ListenerPlan["direction"], contributors: Contributors): FilterChain => {
    const match = chainMatch(plan.match);
    const chain = create(FilterChainSchema, {
      name: plan.name,
      ...(match !== undefined && { filterChainMatch: match }),
      filters: networkFilters(plan, contributionsOf(plan.policies, siteOf(plan, direction), contributors)),
      ...(plan.tls !== undefined && { transportSocket: downstreamTls(plan.tls) }),
      // The whole internet can open a handshake at a gateway and leave it there.
      ...(plan.tls?.type === "server" && { transportSocketConnectTimeout: durationFromMs(15_000) }),
    });
    return share(chain);
  },
);

function siteOf({ terminal }: FilterChainPlan, direction: ListenerPlan["direction"]): Site {
  return {
    direction: terminal.role === "gateway" ? "gateway" : direction,
    protocol: terminal.type,
  };
}

function networkFilters(plan: FilterChainPlan, contributions: readonly Contribution[]): Filter[] {
  const filters: PlacedFilter<NetworkFilterName>[] = contributions.flatMap(
    ({ networkFilters }) => networkFilters,
  );
  filters.push(...terminalFilters(plan, contributions));
  return inNetworkFilterOrder(filters).map(({ name, config }) =>
    create(FilterSchema, { name, configType: { case: "typedConfig", value: config } }),
  );
}

function terminalFilters(
  { terminal }: FilterChainPlan,
  contributions: readonly Contribution[],
): readonly PlacedFilter<NetworkFilterName>[] {
  switch (terminal.type) {
    case "http":
      return [
        place(
          "envoy.filters.network.http_connection_manager",
          packAny(HttpConnectionManagerSchema, httpConnectionManager(terminal, contributions)),
        ),
      ];
    case "tcp": {
      const proxy = place("envoy.filters.network.tcp_proxy", packAny(TcpProxySchema, tcpProxy(terminal)));
      return terminal.clusterFromSni ? [sniCluster, proxy] : [proxy];
    }
  }
}

const sniCluster = place(
  "envoy.filters.network.sni_cluster",
  packAny(SniClusterSchema, create(SniClusterSchema)),
);

function place(
  filter: NetworkFilterName,
  config: PlacedFilter<NetworkFilterName>["config"],
): PlacedFilter<NetworkFilterName> {
  return { filter, name: filter, config };
}
