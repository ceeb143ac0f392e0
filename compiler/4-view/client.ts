// What of a proxy decides how it reaches others. Proxies with equal clients share every outbound plan.

import { mapItems } from "#immutable";
import type { Mesh } from "../3-mesh/mesh.ts";
import type { DestinationPolicy } from "../model/destination.ts";
import { type Labels, type Locality, selects } from "../model/labels.ts";
import { keepEqual, memoizeByIdentity } from "../model/memo.ts";
import type { InterceptionMode, MeshConfig } from "../model/mesh-config.ts";
import type { RouteSet } from "../model/routes.ts";
import type { ProxyScope } from "../model/scope.ts";
import { localAddress, type MeshProxy, wildcardAddress } from "./proxy.ts";
import { sectionsOf } from "./traffic-policy.ts";

export interface Client {
  readonly type: "sidecar" | "router";
  readonly namespace: string;
  /** Only the labels that some policy asks a client for. */
  readonly labels: Labels;
  readonly locality?: Locality;
  readonly scope?: ProxyScope;
  readonly interceptionMode: InterceptionMode;
  readonly hasIdentity: boolean;
  readonly wildcard: string;
  readonly local: string;
}

/** The same object for proxies that are equal as clients, in every mesh that has the same scope for them. */
export function clientOf(mesh: Mesh, proxy: MeshProxy): Client {
  const scope = scopeOf(mesh, proxy);
  const asked = askedLabels(mesh);
  const labels = Object.fromEntries(
    Object.entries(proxy.labels)
      .filter(([key]) => asked.has(key))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const client: Client = {
    type: proxy.type === "router" ? "router" : "sidecar",
    namespace: proxy.namespace,
    labels,
    ...(proxy.locality ? { locality: proxy.locality } : {}),
    ...(scope ? { scope } : {}),
    interceptionMode: proxy.interceptionMode,
    hasIdentity: proxy.hasIdentity,
    wildcard: wildcardAddress(proxy),
    local: localAddress(proxy),
  };
  const clients = scope
    ? cached(clientsOfScope, scope, () => new Map<string, Client>())
    : clientsWithoutScope;
  const key = JSON.stringify({ ...client, scope: "" });
  const known = clients.get(key);
  if (known) return known;
  // Nodes say what they like: what is remembered of them must not grow without end.
  if (clients.size >= 10_000) clients.clear();
  clients.set(key, client);
  return client;
}

/** The scope in force: one that selects the workload, else its namespace's default, else the mesh's. */
export function scopeOf(mesh: Mesh, proxy: MeshProxy): ProxyScope | undefined {
  if (proxy.type === "router") return undefined;
  const own = mesh.scopes.filter((scope) => scope.namespace === proxy.namespace);
  return (
    own.find((scope) => scope.selector && selects(scope.selector, proxy.labels)) ??
    own.find((scope) => !scope.selector) ??
    mesh.scopes.find((scope) => scope.namespace === mesh.config.rootNamespace && !scope.selector)
  );
}

/** The labels that some policy asks clients for. The same set as long as they are. */
export function askedLabels({ routeSets, destinations, config }: Mesh): ReadonlySet<string> {
  const asked = findAsked(askedByRoutes(routeSets), askedByPolicies(destinations), config);
  return keepAsked(config, "", asked);
}

const keepAsked = keepEqual<MeshConfig, ReadonlySet<string>>(
  (before, now) => before.size === now.size && now.isSubsetOf(before),
);

const findAsked = memoizeByIdentity(
  (byRoutes: readonly string[], byPolicies: readonly string[], config: MeshConfig): ReadonlySet<string> => {
    const keysIn = (asked: string): readonly string[] => (asked === "[]" ? [] : JSON.parse(asked));
    return new Set([
      ...byRoutes.flatMap(keysIn),
      ...byPolicies.flatMap(keysIn),
      ...failoverLabels(config.localityLb?.failoverPriority),
    ]);
  },
);

// Of each the labels as JSON: a text, which is mostly what it was.
const askedByRoutes = mapItems(({ http, tls, tcp }: RouteSet): string =>
  JSON.stringify(
    [...http, ...tls, ...tcp].flatMap(({ matches }) =>
      matches.flatMap(({ sourceLabels }) => Object.keys(sourceLabels)),
    ),
  ),
);
const askedByPolicies = mapItems((policy: DestinationPolicy): string =>
  JSON.stringify([
    ...Object.keys(policy.clientSelector ?? {}),
    ...sectionsOf(policy).flatMap(({ loadBalancer }) =>
      failoverLabels(loadBalancer?.localityLb?.failoverPriority),
    ),
  ]),
);

/** Entries are `label` or `label=value`. */
function failoverLabels(priority: readonly string[] = []): readonly string[] {
  return priority.map((entry) => entry.split("=")[0] ?? "");
}

const clientsOfScope = new WeakMap<ProxyScope, Map<string, Client>>();
const clientsWithoutScope = new Map<string, Client>();

function cached<K extends object, T>(cache: WeakMap<K, T>, key: K, make: () => T): T {
  const known = cache.get(key);
  if (known) return known;
  const made = make();
  cache.set(key, made);
  return made;
}
