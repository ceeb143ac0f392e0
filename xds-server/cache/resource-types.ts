// What the protocol and Envoy demand of each resource type: its place in the order, how it goes away, how a first
// request is read. Knows no resource and no client.

/** The types Fairlead serves, by Envoy's type URL. */
export const typeUrls = {
  cluster: "type.googleapis.com/envoy.config.cluster.v3.Cluster",
  endpoints: "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
  secret: "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret",
  listener: "type.googleapis.com/envoy.config.listener.v3.Listener",
  routes: "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
  virtualHosts: "type.googleapis.com/envoy.config.route.v3.VirtualHost",
} as const;

/**
 * How one type is delivered.
 *
 * - `phase`: `make` goes out at once; `use` waits until the client has answered for everything in `make`, because a
 *   route is not warmed and a listener must not go live on clusters that are not there.
 * - `removal`: `with-changes` in the same response (a new listener may take the address of a removed one);
 *   `after-use` once listeners and routes have moved on; `last` once the clusters are gone too.
 * - `legacyWildcard`: whether an empty first request means "everything" (SPEC: only listeners and clusters; Envoy asks so
 *   for virtual hosts too, and means those of the route tables that it has).
 * - `trustsReconnect`: whether a version named in `initial_resource_versions` may be skipped. Envoy can have forgotten
 *   endpoints, routes and secrets that it still lists (envoy#22418); never clusters and listeners. Virtual hosts are
 *   believed as far as their table is (`stream/virtual-hosts.ts`).
 * - `absent`: what a subscriber is told about a name that does not exist: its removal, or for endpoints an empty
 *   assignment, because Envoy ignores their removal and would keep the cluster warming.
 */
export interface DeliveryRule {
  readonly shortName: string;
  readonly phase: "make" | "use";
  readonly removal: "with-changes" | "after-use" | "last";
  readonly legacyWildcard: boolean;
  readonly trustsReconnect: boolean;
  readonly absent: "removed" | "empty-assignment";
}

const rules: ReadonlyMap<string, DeliveryRule> = new Map<string, DeliveryRule>([
  [
    typeUrls.cluster,
    {
      shortName: "CDS",
      phase: "make",
      removal: "after-use",
      legacyWildcard: true,
      trustsReconnect: true,
      absent: "removed",
    },
  ],
  [
    typeUrls.endpoints,
    {
      shortName: "EDS",
      phase: "make",
      removal: "last",
      legacyWildcard: false,
      trustsReconnect: false,
      absent: "empty-assignment",
    },
  ],
  // Secrets are never gated: clusters and listeners warm on them, and Envoy withholds its ACK while a cluster warms.
  [
    typeUrls.secret,
    {
      shortName: "SDS",
      phase: "make",
      removal: "last",
      legacyWildcard: false,
      trustsReconnect: false,
      absent: "removed",
    },
  ],
  [
    typeUrls.listener,
    {
      shortName: "LDS",
      phase: "use",
      removal: "with-changes",
      legacyWildcard: true,
      trustsReconnect: true,
      absent: "removed",
    },
  ],
  [
    typeUrls.routes,
    {
      shortName: "RDS",
      phase: "use",
      removal: "after-use",
      legacyWildcard: false,
      trustsReconnect: false,
      absent: "removed",
    },
  ],
  // A domain that moves from one host to another must leave and arrive at once, or Envoy refuses the table.
  [
    typeUrls.virtualHosts,
    {
      shortName: "VHDS",
      phase: "use",
      removal: "with-changes",
      legacyWildcard: true,
      trustsReconnect: true,
      absent: "removed",
    },
  ],
]);

const anyOther: Omit<DeliveryRule, "shortName"> = {
  phase: "make",
  removal: "last",
  legacyWildcard: false,
  trustsReconnect: false,
  absent: "removed",
};

/** The rule of a type; a type that Fairlead does not serve is answered by name, and never as a wildcard. */
export function deliveryRule(typeUrl: string): DeliveryRule {
  return rules.get(typeUrl) ?? { ...anyOther, shortName: typeUrl.slice(typeUrl.lastIndexOf(".") + 1) };
}

/** The order within a stream (SPEC, "eventual consistency considerations"); types not listed come last. */
export const deliveryOrder: readonly string[] = [...rules.keys()];

/** The types that send traffic somewhere, and so keep clusters from being removed. */
export const usingTypes: readonly string[] = [typeUrls.listener, typeUrls.routes, typeUrls.virtualHosts];

/** The route table that a virtual host belongs to, as its name says: `<table>/<host>`, in which no host has a slash. */
export function tableOf(virtualHost: string): string {
  return virtualHost.slice(0, virtualHost.lastIndexOf("/"));
}
