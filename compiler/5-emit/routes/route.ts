// One route of a virtual host: its match, what it does with a request, and what filters do for it.

import { create } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { type Route, RouteSchema } from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import { CorsPolicySchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/http/cors/v3/cors";
import { HTTPFaultSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/http/fault/v3/fault";
import type { RoutePlan } from "../../4-view/plan/routes.ts";
import { packAny } from "../envoy-any.ts";
import type { FilterName } from "../filter-order.ts";
import { corsPolicy } from "./cors.ts";
import { directResponseAction } from "./direct-response.ts";
import { httpFault } from "./fault.ts";
import { type EmittedHeaderOperations, headerOperations, joinHeaderOperations } from "./header-operations.ts";
import { redirectAction } from "./redirect.ts";
import { forwardAction, onlyTarget } from "./route-action.ts";
import { routeMatch } from "./route-match.ts";
import { upstreamAlpn } from "./upstream-alpn.ts";

export function route(plan: RoutePlan): Route {
  return create(RouteSchema, {
    name: plan.name ?? "",
    match: routeMatch(plan.match),
    action: action(plan),
    ...headers(plan),
    typedPerFilterConfig: perFilterConfig(plan),
    statPrefix: plan.match?.statPrefix ?? "",
  });
}

function action(plan: RoutePlan): Route["action"] {
  switch (plan.action.type) {
    case "forward":
      return { case: "route", value: forwardAction(plan.action, plan) };
    case "redirect":
      return { case: "redirect", value: redirectAction(plan.action) };
    case "direct-response":
      return { case: "directResponse", value: directResponseAction(plan.action) };
  }
}

function headers(plan: RoutePlan): EmittedHeaderOperations {
  const own = headerOperations(plan.headers);
  const target = plan.action.type === "forward" ? onlyTarget(plan.action) : undefined;
  return target === undefined ? own : joinHeaderOperations(own, headerOperations(target.headers));
}

/** In the order of the filters' names, as every map goes out. */
function perFilterConfig(plan: RoutePlan): Record<string, Any> {
  const config: Partial<Record<FilterName, Any>> = {};
  if (plan.cors !== undefined) {
    config["envoy.filters.http.cors"] = packAny(CorsPolicySchema, corsPolicy(plan.cors));
  }
  if (plan.fault !== undefined) {
    config["envoy.filters.http.fault"] = packAny(HTTPFaultSchema, httpFault(plan.fault));
  }
  const target = plan.action.type === "forward" ? onlyTarget(plan.action) : undefined;
  if (target?.alpnFromRequest) config["envoy.filters.http.set_filter_state"] = upstreamAlpn;
  return config;
}
