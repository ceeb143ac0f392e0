// What policy asks of a gRPC client without a proxy and gRPC has no word for. In: its view. Out: one remark for each rule and part
// of it, so that nothing is passed over in silence. Goes with what the files beside it leave out.

import type { ClusterPlan, ProxylessView, RoutePlan } from "../../4-view/plan/index.ts";
import { memoizeByIdentity } from "../../model/memo.ts";
import type { Origin } from "../../model/origin.ts";

export interface Unspoken {
  /** Begins with the part of the rule: `mirror is passed over`. */
  readonly what: string;
  readonly origin: Origin;
}

/** In order of what, then of place; each once. */
export const unspokenRules = memoizeByIdentity((view: ProxylessView): readonly Unspoken[] => {
  const found = new Map<string, Unspoken>();
  const note = (whats: readonly string[], origin: Origin | undefined) => {
    if (!origin) return;
    const { file, line } = origin.position;
    for (const what of whats) found.set(`${what} ${file}:${line}`, { what, origin });
  };
  for (const { virtualHosts } of view.routeTables) {
    for (const { routes } of virtualHosts) for (const route of routes) note(ofRoute(route), route.origins[0]);
  }
  // The last origin is the most particular one: a subset, else the rule, else the service.
  for (const cluster of view.clusters) note(ofCluster(cluster), cluster.origins.at(-1));
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
});

const passedOver = (part: string) => `${part} is passed over`;

function ofRoute({ action, match, rewrite, cors, retries, headers }: RoutePlan): readonly string[] {
  const parts: (string | false | undefined)[] = [
    rewrite && passedOver("rewrite"),
    cors && passedOver("corsPolicy"),
    retries?.perTryTimeoutMs !== undefined && passedOver("retries.perTryTimeout"),
    changes(headers) && passedOver("headers"),
    match?.authority && "match on authority never holds",
    (match?.query.length ?? 0) > 0 && "match on queryParams never holds",
  ];
  switch (action.type) {
    case "redirect":
      parts.push("redirect fails the call");
      break;
    case "direct-response":
      parts.push("directResponse fails the call");
      break;
    case "forward":
      parts.push(action.mirrors.length > 0 && passedOver("mirror"));
      parts.push(action.clusters.some((target) => changes(target.headers)) && passedOver("headers"));
      parts.push(
        action.hash.some(({ type }) => type !== "header") && passedOver("consistentHash but by header"),
      );
  }
  return parts.filter((part) => typeof part === "string");
}

function changes({ request, response }: RoutePlan["headers"]): boolean {
  return [request, response].some(({ set, add, remove }) => set.length + add.length + remove.length > 0);
}

function ofCluster({ discovery, service, outlierDetection, loadBalancer }: ClusterPlan): readonly string[] {
  const unreachable = discovery.type === "black-hole" && service !== undefined;
  const algorithm = loadBalancer?.algorithm.type;
  return [
    ...(unreachable
      ? [`${service.host} cannot be called: it needs TLS, or a discovery, that gRPC does not do`]
      : []),
    ...(outlierDetection ? [passedOver("outlierDetection")] : []),
    ...(algorithm === "random" || algorithm === "passthrough"
      ? [`loadBalancer ${algorithm} is round robin`]
      : []),
  ];
}
