// The HTTP filters of one connection manager: ours, the policies' and the router, in filter order.

import { create } from "@bufbuild/protobuf";
import { CorsSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/http/cors/v3/cors";
import { FilterConfigSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/http/dynamic_forward_proxy/v3/dynamic_forward_proxy";
import { HTTPFaultSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/http/fault/v3/fault";
import { RouterSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/http/router/v3/router";
import { ConfigSchema as SetFilterStateSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/http/set_filter_state/v3/set_filter_state";
import {
  type HttpFilter,
  HttpFilterSchema,
} from "@envoyproxy/protos-ts/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import { share } from "#encoding";
import type { HttpTerminal } from "../../4-view/plan/listeners.ts";
import type { Contribution } from "../../kinds/kind.ts";
import { memoizeByIdentity } from "../../model/memo.ts";
import { requestedHosts } from "../dns-cache.ts";
import { packAny } from "../envoy-any.ts";
import type { FilterName } from "../filter-order.ts";
import { inFilterOrder, type PlacedFilter } from "./contributions.ts";

export function httpFilters(terminal: HttpTerminal, contributions: readonly Contribution[]): HttpFilter[] {
  const filters: PlacedFilter<FilterName>[] = contributions.flatMap(({ httpFilters }) => httpFilters);
  // Routes of clients and gateways may ask for CORS at any time; a filter that comes only then would drain the listener.
  // So with the ALPN that the upstream is offered: it is empty but for the routes that say otherwise.
  if (terminal.role !== "inbound") filters.push(cors, alpn);
  if (terminal.usesFault) filters.push(fault);
  if (terminal.role === "http-proxy") filters.push(lookUp);
  filters.push(router);
  return inFilterOrder(filters).map(({ name, config }) => httpFilter(config, name));
}

/** Nearly all chains have the same. */
const httpFilter = memoizeByIdentity(
  (config: PlacedFilter<FilterName>["config"], name: string): HttpFilter =>
    share(create(HttpFilterSchema, { name, configType: { case: "typedConfig", value: config } })),
);

const cors = builtIn("envoy.filters.http.cors", packAny(CorsSchema, create(CorsSchema)));
const fault = builtIn("envoy.filters.http.fault", packAny(HTTPFaultSchema, create(HTTPFaultSchema)));
const alpn = builtIn(
  "envoy.filters.http.set_filter_state",
  packAny(SetFilterStateSchema, create(SetFilterStateSchema)),
);
const lookUp = builtIn(
  "envoy.filters.http.dynamic_forward_proxy",
  packAny(
    FilterConfigSchema,
    create(FilterConfigSchema, {
      implementationSpecifier: { case: "dnsCacheConfig", value: requestedHosts },
    }),
  ),
);
const router = builtIn("envoy.filters.http.router", packAny(RouterSchema, create(RouterSchema)));

function builtIn(filter: FilterName, config: PlacedFilter<FilterName>["config"]): PlacedFilter<FilterName> {
  return { filter, name: filter, config };
}
