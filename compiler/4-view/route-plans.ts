// HTTP rules as routes of one table: one route per match, destinations resolved to clusters, client conditions decided.

import { mirrorsOf } from "../3-mesh/mirrors.ts";
import { type Labels, selects } from "../model/labels.ts";
import type { HttpMatch } from "../model/match.ts";
import type { MeshConfig } from "../model/mesh-config.ts";
import { blackHoleCluster } from "../model/names.ts";
import type { Origin } from "../model/origin.ts";
import type {
  Destination,
  HeaderOperations,
  HttpRule,
  Retries,
  WeightedDestination,
} from "../model/routes.ts";
import type { ResolvedDestination } from "./destinations.ts";
import type { ClusterTarget, RouteActionPlan, RoutePlan } from "./plan/index.ts";
import { planRedirect } from "./redirect-plan.ts";

/** Who asks, and where. */
export interface RouteSite {
  /** `mesh`, or the `namespace/name` of a gateway. */
  readonly gateway: string;
  /** The gateways of the whole set, for matches that name none. */
  readonly setGateways: readonly string[];
  readonly port: number;
  readonly clientNamespace: string;
  readonly clientLabels: Labels;
  readonly config: MeshConfig;
  resolve(destination: Destination, port: number): ResolvedDestination | undefined;
}

export const noHeaders: HeaderOperations = {
  request: { set: [], add: [], remove: [] },
  response: { set: [], add: [], remove: [] },
};

const istioRetries: Retries = { attempts: 2, retryOn: "" };

/** The mesh's retry policy for rules that say nothing. */
export function defaultRetries(config: MeshConfig): Retries {
  return config.defaultRetries ?? istioRetries;
}

/** The routes that these rules come to at this site, in order, up to the first that takes everything. */
export function planRoutes(rules: readonly HttpRule[], site: RouteSite): readonly RoutePlan[] {
  const routes: RoutePlan[] = [];
  for (const rule of rules) {
    const matches = rule.matches.length > 0 ? rule.matches : [undefined];
    for (const match of matches) {
      if (!match) {
        if (!site.setGateways.includes(site.gateway)) continue;
      } else if (!appliesHere(match, site)) continue;
      routes.push(planRoute(rule, match, site));
      if (takesEverything(match)) return routes;
    }
  }
  return routes;
}

function appliesHere(match: HttpMatch, site: RouteSite): boolean {
  const gateways = match.gateways ?? site.setGateways;
  if (!gateways.includes(site.gateway)) return false;
  if (match.port !== undefined && match.port !== site.port) return false;
  // At a gateway the source is the gateway itself: whoever calls it is not known to be anybody.
  if (match.sourceNamespace !== undefined && match.sourceNamespace !== site.clientNamespace) return false;
  return selects(match.sourceLabels, site.clientLabels);
}

/** Routes of several sets for one host: those that take everything go last, or the sets after theirs had no say. */
export function joinRoutes(routes: readonly RoutePlan[]): readonly RoutePlan[] {
  const [rest] = routes.filter(({ match }) => takesEverything(match));
  return [...routes.filter(({ match }) => !takesEverything(match)), ...(rest ? [rest] : [])];
}

/** Whether no request passes this match by. */
export function takesEverything(match: HttpMatch | undefined): boolean {
  if (!match) return true;
  const { path, scheme, method, authority, headers, query } = match;
  if (scheme || method || authority || headers.length > 0 || query.length > 0) return false;
  if (!path) return true;
  return (path.type === "prefix" || path.type === "path-prefix") && path.value === "/";
}

function planRoute(rule: HttpRule, match: HttpMatch | undefined, site: RouteSite): RoutePlan {
  const name = [rule.name, match?.name].filter((part) => part !== undefined).join(".");
  const { action, origins } = planAction(rule, site);
  return {
    ...(name ? { name } : {}),
    ...(match ? { match } : {}),
    action,
    ...(rule.rewrite ? { rewrite: rule.rewrite } : {}),
    ...(rule.timeoutMs === undefined ? {} : { timeoutMs: rule.timeoutMs }),
    retries: rule.retries ?? defaultRetries(site.config),
    ...(rule.fault ? { fault: rule.fault } : {}),
    ...(rule.cors ? { cors: rule.cors } : {}),
    headers: rule.headers,
    origins: [rule.origin, ...origins],
  };
}

function planAction(
  rule: HttpRule,
  site: RouteSite,
): { readonly action: RouteActionPlan; readonly origins: readonly Origin[] } {
  switch (rule.action.type) {
    case "redirect":
      return { action: planRedirect(rule.action, site.port), origins: [] };
    case "direct-response":
      return { action: rule.action, origins: [] };
    case "delegate":
      throw new Error("a delegate is merged before routes are planned");
    case "forward": {
      const { destinations } = rule.action;
      const resolved = destinations.map((each) => resolve(each, site));
      const mirrors = mirrorsOf(rule).flatMap((mirror) => {
        const target = site.resolve(mirror.destination, site.port);
        return target ? [{ cluster: target.cluster, percentage: mirror.percentage }] : [];
      });
      const hash = [...new Set(resolved.flatMap((each) => each.hash ?? []))];
      return {
        action: {
          type: "forward",
          clusters: resolved.map(({ target }) => target),
          mirrors,
          hash,
        },
        origins: resolved.flatMap((each) => each.origins),
      };
    }
  }
}

/** A destination that does not exist still gets its share of requests, each answered 503, as with Istio. */
function resolve({ destination, weight, headers }: WeightedDestination, site: RouteSite) {
  const found = site.resolve(destination, site.port);
  const target: ClusterTarget = {
    cluster: found?.cluster ?? blackHoleCluster,
    weight,
    headers,
    ...(found?.alpnFromRequest ? { alpnFromRequest: true } : {}),
  };
  return { target, hash: found?.hash, origins: found?.origins ?? [] };
}
