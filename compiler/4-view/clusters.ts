// Outbound clusters: for each port of each service a client sees, one for the service and one for each subset.

import { formatIdentity } from "#identity";
import type { Mesh } from "../3-mesh/mesh.ts";
import { turnMtlsOff } from "../3-mesh/mtls.ts";
import type { ConnectionPool, DestinationPolicy, Subset } from "../model/destination.ts";
import type { Locality } from "../model/labels.ts";
import { internLists, keepEqual, memoizeByIdentity, sameTree } from "../model/memo.ts";
import type { MeshConfig } from "../model/mesh-config.ts";
import {
  blackHoleCluster,
  explicitPassthroughCluster,
  outboundCluster,
  passthroughCluster,
  sniOfCluster,
} from "../model/names.ts";
import type { Origin } from "../model/origin.ts";
import type { MtlsPolicy } from "../model/security.ts";
import type { Endpoint, MeshService, ServicePort } from "../model/service.ts";
import { type Caller, callerOf, usesCredentials } from "./caller.ts";
import type { Client } from "./client.ts";
import { clientCredentials, noCredentials, withUsableCredential } from "./client-credentials.ts";
import { type LocalityView, planEndpoints } from "./endpoint-plans.ts";
import { reachableServices } from "./imports.ts";
import { type Outlook, ruledSights } from "./outlook.ts";
import type {
  ClusterDiscovery,
  ClusterPlan,
  EndpointsPlan,
  SecretPlan,
  UpstreamTlsPlan,
} from "./plan/index.ts";
import { type EffectiveTraffic, policyFor, trafficFor } from "./traffic-policy.ts";
import { upstreamProtocol } from "./upstream-protocol.ts";
import { type MeshPeers, upstreamTls, withoutIdentity } from "./upstream-tls.ts";

export interface OutboundClusters {
  readonly clusters: readonly ClusterPlan[];
  readonly endpoints: readonly EndpointsPlan[];
  /** That the clusters refer to, one per name. */
  readonly secrets: readonly SecretPlan[];
}

/** Clusters and assignments for all services that clients see which have this outlook. */
export const planOutbound = memoizeByIdentity((outlook: Outlook): OutboundClusters => {
  const clusters: ClusterPlan[] = [];
  const endpoints: EndpointsPlan[] = [];
  const secrets = new Map<string, SecretPlan>();
  const { mesh, plain, serviceByHost } = outlook;
  const ruled = ruledSights(outlook);
  for (const service of reachableServices(serviceByHost)) {
    const { caller, policy } = ruled.get(service) ?? plain;
    for (const planned of plansIn(mesh, caller, policy)(service)) {
      clusters.push(...planned.clusters);
      endpoints.push(...planned.endpoints);
      for (const secret of planned.secrets) secrets.set(secret.name, secret);
    }
  }
  return { clusters, endpoints, secrets: [...secrets.values()] };
});

/** For one service, as this client sees it, port by port. */
export function planService(mesh: Mesh, client: Client, service: MeshService): readonly OutboundClusters[] {
  const policy = policyFor(mesh, client, service);
  return plansIn(mesh, callerOf(client, mesh.config, policy), policy)(service);
}

/** Every kind of client asks again in one mesh, and mostly the same: one look in a map, where `planPort` takes a dozen. */
const plansIn = memoizeByIdentity((mesh: Mesh, caller: Caller, policy: DestinationPolicy | undefined) => {
  const planned = new Map<MeshService, readonly OutboundClusters[]>();
  const plain = surroundings(mesh.config, policiesWithPlainText(mesh.mtlsPolicies));
  // Credentials are the mesh's: what needs them is planned anew for each.
  const around = policy && usesCredentials(policy, caller.type) ? { ...plain, mesh } : plain;
  return (service: MeshService): readonly OutboundClusters[] => {
    const known = planned.get(service);
    if (known) return known;
    const made = service.ports.flatMap((port) =>
      port.protocol === "udp"
        ? []
        : planPort(service, port, mesh.endpointsOf(service, port.number), policy, around, caller),
    );
    planned.set(service, made);
    return made;
  };
});

/** What of a mesh matters to every cluster. */
interface Surroundings {
  readonly config: MeshConfig;
  readonly mtlsPolicies: readonly MtlsPolicy[];
  /** Only for policies that name credentials. */
  readonly mesh?: Mesh;
}

const surroundings = memoizeByIdentity(
  (config: MeshConfig, mtlsPolicies: readonly MtlsPolicy[]): Surroundings => ({ config, mtlsPolicies }),
);

/** One port of a service and its subsets. The same lists in every mesh in which nothing about it is different. */
const planPort = memoizeByIdentity(
  (
    service: MeshService,
    port: ServicePort,
    found: readonly Endpoint[],
    policy: DestinationPolicy | undefined,
    { config, mtlsPolicies, mesh }: Surroundings,
    caller: Caller,
  ): OutboundClusters => {
    const clusters: ClusterPlan[] = [];
    const endpoints: EndpointsPlan[] = [];
    const secrets: SecretPlan[] = [];
    for (const subset of [undefined, ...(policy?.subsets ?? [])]) {
      const traffic = withUsableCredential(
        trafficFor({ config }, policy, subset, port.number),
        policy,
        caller,
      );
      const credentials = mesh ? clientCredentials(mesh, caller, traffic.tls) : noCredentials;
      secrets.push(...credentials.secrets);
      const view = localityView(caller, traffic);
      const name = outboundCluster(port.number, subset?.name, service.hostname);
      const endpointsFor = (seen: LocalityView | undefined) =>
        planEndpoints(found, name, subset?.labels, mtlsPolicies, config.rootNamespace, seen);
      const assignment = endpointsFor(view);
      const cluster = planCluster(service, port, subset, policy, traffic, config, {
        name,
        caller,
        lacksCredentials: credentials.state === "missing",
        sans: sansOf(found, service, config),
        assignment,
        peers: () => meshPeers(endpointsFor(undefined)),
      });
      clusters.push(cluster);
      if (cluster.discovery.type === "eds") endpoints.push(assignment);
    }
    return { clusters, endpoints, secrets };
  },
);

/** What else a cluster depends on: who calls, and what is there. */
interface Circumstances {
  readonly name: string;
  readonly caller: Caller;
  readonly lacksCredentials: boolean;
  readonly sans: readonly string[];
  readonly assignment: EndpointsPlan;
  /** Who speaks mutual TLS of all that a client may call by address, wherever they are. */
  readonly peers: () => MeshPeers;
}

function planCluster(
  service: MeshService,
  port: ServicePort,
  subset: Subset | undefined,
  policy: DestinationPolicy | undefined,
  traffic: EffectiveTraffic,
  config: MeshConfig,
  { name, caller, lacksCredentials, sans, assignment, peers }: Circumstances,
): ClusterPlan {
  const router = caller.type === "router";
  const noOriginalDestination = router || caller.interceptionMode === "NONE";
  const discovery: ClusterDiscovery = lacksCredentials
    ? { type: "black-hole" }
    : discover(service, traffic, assignment, config, noOriginalDestination);
  const sni = sniOfCluster(port.number, subset?.name, service.hostname);
  const tls: UpstreamTlsPlan = lacksCredentials
    ? { type: "none" }
    : caller.hasIdentity
      ? upstreamTls(service, traffic.tls, sans, sni, config, discovery, peers)
      : withoutIdentity(traffic.tls, service, config);
  return keepCluster(service, name, {
    name,
    direction: "outbound",
    discovery,
    connectTimeoutMs: traffic.connectionPool?.tcp.connectTimeoutMs ?? config.connectTimeoutMs,
    protocol: upstreamProtocol(port, traffic, config, router),
    ...(traffic.loadBalancer ? { loadBalancer: traffic.loadBalancer } : {}),
    ...(traffic.connectionPool ? { connectionPool: traffic.connectionPool } : {}),
    ...(traffic.outlierDetection ? { outlierDetection: traffic.outlierDetection } : {}),
    ...(traffic.proxyProtocol ? { proxyProtocol: traffic.proxyProtocol } : {}),
    ...(traffic.retryBudget ? { retryBudget: traffic.retryBudget } : {}),
    tls,
    service: {
      host: service.hostname,
      name: service.name,
      namespace: service.namespace,
      ...(subset ? { subset: subset.name } : {}),
    },
    // Below the policy's, field by field.
    ...(config.tcpKeepalive && { tcpKeepalive: config.tcpKeepalive }),
    origins: originsOf(service, policy, subset),
  });
}

// Other endpoints mostly leave the cluster as it is.
const keepCluster = keepEqual<MeshService, ClusterPlan>(sameTree, { variants: 8 });

function originsOf(
  service: MeshService,
  policy: DestinationPolicy | undefined,
  subset: Subset | undefined,
): readonly Origin[] {
  return [service.origin, ...(policy ? [policy.origin] : []), ...(subset ? [subset.origin] : [])];
}

function discover(
  service: MeshService,
  traffic: EffectiveTraffic,
  resolved: EndpointsPlan,
  config: MeshConfig,
  noOriginalDestination: boolean,
): ClusterDiscovery {
  if (traffic.loadBalancer?.algorithm.type === "passthrough" && !noOriginalDestination) {
    return { type: "original-dst" };
  }
  switch (service.resolution) {
    case "static":
      // A headless service is called by the addresses of its pods. Where the client's own choice is not known (a
      // gateway, an explicit proxy), any of them must do.
      return service.headless && !noOriginalDestination ? { type: "original-dst" } : { type: "eds" };
    case "none":
      return { type: "original-dst" };
    case "dns":
    case "dns-round-robin":
      if (resolved.localities.length === 0) return { type: "black-hole" };
      if (service.resolution === "dns") {
        return { type: "strict-dns", endpoints: resolved, refreshMs: config.dnsRefreshRateMs };
      }
      return { type: "logical-dns", endpoints: firstOf(resolved), refreshMs: config.dnsRefreshRateMs };
    case "dynamic-dns":
      return { type: "black-hole" };
  }
}

/** Envoy's LOGICAL_DNS takes exactly one name. */
function firstOf(assignment: EndpointsPlan): EndpointsPlan {
  const [locality] = assignment.localities;
  if (!locality) return assignment;
  return { ...assignment, localities: [{ ...locality, endpoints: locality.endpoints.slice(0, 1) }] };
}

/** Whether `all`, `some` or `none` of the endpoints speak mutual TLS. */
function meshPeers(assignment: EndpointsPlan): MeshPeers {
  const endpoints = assignment.localities.flatMap((locality) => locality.endpoints);
  const speaking = endpoints.filter(({ mtls }) => mtls).length;
  if (speaking === 0) return "none";
  return speaking === endpoints.length ? "all" : "some";
}

/** The identities that may answer for a service, sorted: those of its endpoints and those its own object names. */
function sansOf(endpoints: readonly Endpoint[], service: MeshService, config: MeshConfig): readonly string[] {
  const trustDomains = [
    config.trustDomain,
    ...config.trustDomainAliases.filter((each) => !each.includes("*")),
  ];
  const uris = endpoints
    .filter(({ mtls, serviceAccount }) => mtls && serviceAccount !== "")
    .flatMap(({ namespace, serviceAccount }) =>
      trustDomains.map((trustDomain) => formatIdentity({ trustDomain, namespace, serviceAccount })),
    );
  return [...new Set([...uris, ...service.subjectAltNames])].sort();
}

const internMtls = internLists<MtlsPolicy>();

/** All of them if one turns mutual TLS off somewhere, since only together they say where. */
const policiesWithPlainText = memoizeByIdentity((policies: readonly MtlsPolicy[]): readonly MtlsPolicy[] =>
  internMtls(turnMtlsOff(policies) ? policies : []),
);

function localityView(caller: Caller, traffic: EffectiveTraffic): LocalityView | undefined {
  const settings = traffic.loadBalancer?.localityLb;
  if (settings && !settings.enabled) return undefined;
  if (!settings && !traffic.outlierDetection) return undefined;
  return internView(caller.locality ?? nowhere, settings, traffic.outlierDetection !== undefined, caller);
}

/** Where a client is of which nobody has said it. Labels count there as well, and so does a share for `*`. */
const nowhere: Locality = { region: "", zone: "", subzone: "" };

const noSettings = { enabled: true, distribute: [], failover: [], failoverPriority: [] };

const internView = memoizeByIdentity(
  (
    locality: Locality,
    settings: LocalityView["settings"] | undefined,
    failover: boolean,
    { labels }: Caller,
  ): LocalityView => ({
    client: locality,
    settings: settings ?? noSettings,
    failover,
    clientLabels: labels,
  }),
);

/** Where unnamed destinations go, and where nothing may go. */
export function builtInClusters(config: MeshConfig): readonly ClusterPlan[] {
  return [
    builtIn(config, passthroughCluster, "original-dst"),
    builtIn(config, blackHoleCluster, "black-hole"),
    ...(config.proxyHttpPort > 0 ? [builtIn(config, explicitPassthroughCluster, "named-by-request")] : []),
  ];
}

const builtIn = memoizeByIdentity(
  (
    config: MeshConfig,
    name: string,
    type: "original-dst" | "named-by-request" | "black-hole",
  ): ClusterPlan => ({
    name,
    direction: "outbound",
    discovery: { type },
    connectTimeoutMs: config.connectTimeoutMs,
    ...(type === "black-hole"
      ? { protocol: "tcp" }
      : { protocol: "downstream", ...unnamed(config, config.defaultConnectionPool) }),
    tls: { type: "none" },
    origins: [],
  }),
);

/** How connections to what no policy names age: idle ones end after five minutes, as with Istio, and not after Envoy's hour. */
export function unnamed(
  { tcpKeepalive }: MeshConfig,
  pool?: ConnectionPool,
): Pick<ClusterPlan, "connectionPool" | "tcpKeepalive"> {
  const connectionPool: ConnectionPool = {
    tcp: pool?.tcp ?? {},
    http: { idleTimeoutMs: 300_000, ...pool?.http, h2Upgrade: "default", useClientProtocol: false },
  };
  return { connectionPool, ...(tcpKeepalive && { tcpKeepalive }) };
}
