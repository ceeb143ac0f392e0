// Which VirtualService answers for a host at a gateway, as Istio's reference says it: a host that a server of the gateway has in common
// with one of the VirtualService; the most specific one that covers the request's; of several VirtualServices for it the routes of
// all, gateway by gateway and the oldest first, and those that take everything last. In: gateways of one port, VirtualServices and a request. Out: the route.

export interface GatewayHosts {
  readonly name: string;
  /** `host`, or `namespace/host` with `*` and `.` for any and its own. */
  readonly hosts: readonly string[];
}

export interface BoundService {
  readonly name: string;
  readonly namespace: string;
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
  const claims = gateways.flatMap((gateway) =>
    services.flatMap((service) => hostsInCommon(gateway, service).map((claimed) => ({ claimed, service }))),
  );
  const [best] = claims
    .map(({ claimed }) => claimed)
    .filter((claimed) => covers(claimed, host))
    .sort((a, b) => Number(a.startsWith("*")) - Number(b.startsWith("*")) || b.length - a.length);
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

function hostsInCommon({ name, hosts }: GatewayHosts, service: BoundService): readonly string[] {
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

/** `*.a.example` covers what ends in `.a.example`, be it another such pattern. */
function covers(pattern: string, host: string): boolean {
  return pattern === host || (pattern.startsWith("*") && host.endsWith(pattern.slice(1)));
}
