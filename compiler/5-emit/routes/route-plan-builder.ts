// Route plans for tests: defaults for everything a test does not talk about.

import type {
  ClusterTarget,
  RouteActionPlan,
  RoutePlan,
  RouteTablePlan,
  VirtualHostPlan,
} from "../../4-view/plan/routes.ts";
import type { HttpMatch } from "../../model/match.ts";
import type { HeaderChange, HeaderOperations } from "../../model/routes.ts";

const origin = {
  kind: "Test",
  namespace: "default",
  name: "test",
  position: { file: "test.yaml", line: 1, column: 1, length: 1 },
};

export function headers(parts: {
  readonly request?: Partial<HeaderChange>;
  readonly response?: Partial<HeaderChange>;
}): HeaderOperations {
  const nothing: HeaderChange = { set: [], add: [], remove: [] };
  return { request: { ...nothing, ...parts.request }, response: { ...nothing, ...parts.response } };
}

export const noHeaders = headers({});

export function match(parts: Partial<HttpMatch>): HttpMatch {
  return { ignoreCase: false, headers: [], query: [], sourceLabels: {}, origin, ...parts };
}

export function target(
  cluster: string,
  weight = 100,
  operations: HeaderOperations = noHeaders,
): ClusterTarget {
  return { cluster, weight, headers: operations };
}

export function forward(
  ...clusters: readonly ClusterTarget[]
): Extract<RouteActionPlan, { type: "forward" }> {
  return { type: "forward", clusters, mirrors: [], hash: [] };
}

/** Forwards to `outbound|80||a` unless told otherwise. */
export function route(parts: Partial<RoutePlan> = {}): RoutePlan {
  return { action: forward(target("outbound|80||a")), headers: noHeaders, origins: [origin], ...parts };
}

export function virtualHost(
  routes: readonly RoutePlan[],
  parts: Partial<VirtualHostPlan> = {},
): VirtualHostPlan {
  return {
    name: "a:80",
    domains: ["*"],
    routes,
    requireTls: false,
    includeAttemptCount: true,
    origins: [origin],
    ...parts,
  };
}

/** One virtual host for everybody, with these routes. */
export function routeTable(
  routes: readonly RoutePlan[],
  parts: Partial<RouteTablePlan> = {},
): RouteTablePlan {
  return {
    name: "80",
    virtualHosts: [virtualHost(routes)],
    ignorePortInHost: false,
    origins: [origin],
    ...parts,
  };
}
