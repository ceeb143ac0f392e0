// Which VirtualService answers for a host at a gateway, as Istio's reference says it: a host that a server of the gateway has in common
// with one of the VirtualService; the most specific one that covers the request's; of several VirtualServices for it the routes of
// all, gateway by gateway, what is exported to few first and then the oldest, and those that take everything last. In: gateways of one port, VirtualServices and a request. Out: the route.

import { type Exported, isSeenFrom, openness } from "./export-to.ts";
import { covers, mostSpecific } from "./hosts.ts";

export interface GatewayHosts {
  readonly name: string;
  /** `host`, or `namespace/host` with `*` and `.` for any and its own. */
  readonly hosts: readonly string[];
}

export interface BoundService extends Exported {
  readonly name: string;
  readonly hosts: readonly string[];
  /** Names in the gateways' namespace. */
  readonly gateways: readonly string[];
  /** Prefixes; an undefined one takes everything. */
  readonly routes: readonly (string | undefined)[];
}

/** Of all gateways. */
const gatewayNamespace = "shop";

/** `name/index` of the route that answers; undefined for nobody's. `services` in order of age. */
export function routeFor(
  gateways: readonly GatewayHosts[],
  services: readonly BoundService[],
  { host, path }: { readonly host: string; readonly path: string },
): string | undefined {
  // Its namespace is that of its proxies as well.
  const seen = services
    .filter((service) => isSeenFrom(gatewayNamespace, service))
    .toSorted((a, b) => openness(a, gatewayNamespace) - openness(b, gatewayNamespace));
  const claims = gateways.flatMap((gateway) =>
    seen.flatMap((service) => hostsInCommon(gateway, service).map((claimed) => ({ claimed, service }))),
  );
  const best = mostSpecific(
    claims.map(({ claimed }) => claimed),
    host,
  );
  const bidders = new Set(claims.filter(({ claimed }) => claimed === best).map(({ service }) => service));
  const routes = [...bidders].flatMap(({ name, routes }) => {
    const all = routes.indexOf(undefined);
    // What comes after is for nobody.
    const reachable = all === -1 ? routes : routes.slice(0, all + 1);
    return reachable.map((prefix, index) => ({ prefix, name: `${name}/${index}` }));
  });
  const takes = ({ prefix }: { readonly prefix: string | undefined }) =>
    prefix === undefined || path.startsWith(prefix);
  return (routes.find((route) => route.prefix !== undefined && takes(route)) ?? routes.find(takes))?.name;
}

export function hostsInCommon(
  { name, hosts }: GatewayHosts,
  service: Pick<BoundService, "namespace" | "hosts" | "gateways">,
): readonly string[] {
  if (!service.gateways.includes(name)) return [];
  return hosts.flatMap((each) => {
    const [namespace = "*", pattern = ""] = each.includes("/") ? each.split("/") : ["*", each];
    const isFor = namespace === "." ? gatewayNamespace : namespace;
    if (isFor !== "*" && isFor !== service.namespace) return [];
    return service.hosts.flatMap((host) =>
      covers(pattern, host) ? host : covers(host, pattern) ? pattern : [],
    );
  });
}
