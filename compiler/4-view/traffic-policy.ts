// Which destination policy a client applies to a service, and what it says for one port and subset.

import type { Mesh } from "../3-mesh/mesh.ts";
import type {
  ClientTls,
  ConnectionPool,
  DestinationPolicy,
  HashKey,
  LoadBalancer,
  OutlierDetection,
  Subset,
  TrafficPolicy,
} from "../model/destination.ts";
import { compareSpecificity, hostCovers } from "../model/host.ts";
import { isVisible, selects } from "../model/labels.ts";
import { internLists, memoizeByIdentity, sameTree } from "../model/memo.ts";
import type { MeshConfig } from "../model/mesh-config.ts";
import type { MeshService } from "../model/service.ts";
import type { Client } from "./client.ts";

/** The sections in force, mesh defaults filled in. */
export interface EffectiveTraffic {
  readonly loadBalancer?: LoadBalancer;
  readonly connectionPool?: ConnectionPool;
  readonly outlierDetection?: OutlierDetection;
  readonly tls?: ClientTls;
  readonly proxyProtocol?: "V1" | "V2";
  readonly retryBudget?: NonNullable<TrafficPolicy["retryBudget"]>;
}

type PortPolicy = Omit<TrafficPolicy, "portPolicies">;

/** Looked up in one place after another (`lookupPlaces`); in each the most specific host wins. */
export function policyFor(mesh: Mesh, client: Client, service: MeshService): DestinationPolicy | undefined {
  // Most services have no policy: not worth remembering.
  if (!mayHavePolicy(mesh, service)) return undefined;
  const { destinationsByHost, destinationWildcards, config } = mesh;
  return findPolicy(destinationsByHost, destinationWildcards, config.rootNamespace, client, service);
}

/** Whether some client may have a policy for it. */
export function mayHavePolicy(
  { destinationWildcards, destinationsByHost }: Mesh,
  { hostname }: MeshService,
): boolean {
  return destinationWildcards.length > 0 || destinationsByHost.has(hostname);
}

const findPolicy = memoizeByIdentity(
  (
    destinationsByHost: Mesh["destinationsByHost"],
    wildcards: Mesh["destinationWildcards"],
    rootNamespace: string,
    client: Client,
    service: MeshService,
  ): DestinationPolicy | undefined => {
    const hosts = [
      ...(destinationsByHost.has(service.hostname) ? [service.hostname] : []),
      ...wildcards.filter((host) => hostCovers(host, service.hostname)),
    ].sort(compareSpecificity);
    if (hosts.length === 0) return undefined;
    for (const isThere of lookupPlaces(client, service, rootNamespace)) {
      for (const host of hosts) {
        const usable = (destinationsByHost.get(host) ?? []).filter(
          (policy) => isThere(policy) && appliesTo(policy, client),
        );
        const found = withOneSelector(usable);
        if (found.length > 0) return merge(internPolicies(found));
      }
    }
    return undefined;
  },
);

/**
 * The client's namespace, the service's, the root namespace. What the root namespace says for everyone comes last for its own
 * clients as well: gateways live there, and would follow the general rule where a service has its own.
 */
function lookupPlaces(
  client: Client,
  service: MeshService,
  rootNamespace: string,
): readonly ((policy: DestinationPolicy) => boolean)[] {
  const within = (place: string) => (policy: DestinationPolicy) => policy.namespace === place;
  const ofClient = client.namespace === rootNamespace ? isPrivate : () => true;
  return [
    (policy) => policy.namespace === client.namespace && ofClient(policy),
    within(service.namespace),
    within(rootNamespace),
  ];
}

function isPrivate({ visibility, namespace }: DestinationPolicy): boolean {
  return visibility.type === "namespaces" && visibility.names.every((name) => name === namespace);
}

/** Rules for some clients go before those for all, and nobody has those of two selectors: the oldest decides. */
function withOneSelector(policies: readonly DestinationPolicy[]): readonly DestinationPolicy[] {
  const first = policies.find(({ clientSelector }) => clientSelector);
  return first
    ? policies.filter(({ clientSelector }) => sameTree(clientSelector, first.clientSelector))
    : policies;
}

function appliesTo(policy: DestinationPolicy, client: Client): boolean {
  if (!isVisible(policy.visibility, client.namespace)) return false;
  if (!policy.clientSelector) return true;
  return policy.namespace === client.namespace && selects(policy.clientSelector, client.labels);
}

const internPolicies = internLists<DestinationPolicy>();

/** Several rules for one host add up: subsets are joined, the oldest that says anything gives the traffic policy. */
const merge = memoizeByIdentity((policies: readonly DestinationPolicy[]): DestinationPolicy => {
  const [first] = policies;
  if (!first || policies.length === 1) return first as DestinationPolicy;
  const subsets = new Map<string, Subset>();
  for (const subset of policies.flatMap((policy) => policy.subsets)) {
    if (!subsets.has(subset.name)) subsets.set(subset.name, subset);
  }
  const speaking = policies.find(({ policy }) => saysAnything(policy)) ?? first;
  return { ...first, policy: speaking.policy, subsets: [...subsets.values()] };
});

function saysAnything(policy: TrafficPolicy): boolean {
  const { portPolicies, ...sections } = policy;
  return Object.keys(sections).length > 0 || Object.keys(portPolicies).length > 0;
}

/** Everything that a policy says, for the host and its subsets, and for single ports of them. */
export function sectionsOf({ policy, subsets }: DestinationPolicy): readonly PortPolicy[] {
  return [policy, ...subsets.map((subset) => subset.policy)].flatMap((section) => [
    section,
    ...Object.values(section.portPolicies),
  ]);
}

/**
 * Sections override as wholes: mesh defaults, destination, subset. A port's settings stand in for all that the same object says
 * otherwise, absent sections included (Istio's documented rule); those of a subset's port for the destination's as well, but for
 * what no port has of its own.
 */
export function trafficFor(
  { config }: Pick<Mesh, "config">,
  policy: DestinationPolicy | undefined,
  subset: Subset | undefined,
  port: number,
): EffectiveTraffic {
  return trafficOf(config, policy, subset, port);
}

// By the config and not by the mesh: what did not change must stay the same object in the next mesh.
const trafficOf = memoizeByIdentity(
  (
    config: MeshConfig,
    policy: DestinationPolicy | undefined,
    subset: Subset | undefined,
    port: number,
  ): EffectiveTraffic => {
    const defaults: EffectiveTraffic = {
      ...(config.defaultConnectionPool ? { connectionPool: config.defaultConnectionPool } : {}),
      ...(config.defaultOutlierDetection ? { outlierDetection: config.defaultOutlierDetection } : {}),
    };
    const wide = sectionsAt(port, policy?.policy);
    const { loadBalancer: _l, connectionPool: _c, outlierDetection: _o, tls: _t, ...portless } = wide;
    const kept = subset?.policy.portPolicies[port] ? portless : wide;
    return withMeshLocality({ ...defaults, ...kept, ...sectionsAt(port, subset?.policy) }, config);
  },
);

function sectionsAt(port: number, policy: TrafficPolicy | undefined): PortPolicy {
  if (!policy) return {};
  const { portPolicies, ...sections } = policy;
  return portPolicies[port] ?? sections;
}

/** The mesh's locality settings hold wherever the policy has none of its own. */
function withMeshLocality(traffic: EffectiveTraffic, { localityLb }: MeshConfig): EffectiveTraffic {
  if (!localityLb || traffic.loadBalancer?.localityLb) return traffic;
  const { algorithm = { type: "least-request" } as const, ...rest } = traffic.loadBalancer ?? {};
  return { ...traffic, loadBalancer: { ...rest, algorithm, localityLb } };
}

/** What requests to this destination are hashed by, if they are. */
export function hashKeyFor(traffic: EffectiveTraffic): HashKey | undefined {
  const algorithm = traffic.loadBalancer?.algorithm;
  return algorithm?.type === "consistent-hash" ? algorithm.key : undefined;
}
