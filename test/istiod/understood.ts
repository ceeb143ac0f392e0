// Differences that somebody has looked at, each with its reason: what is left is news. Whoever mends one takes its reason away.

import { canonical, type Json, member, objectsIn, textOf } from "./json.ts";
import type { Found } from "./worlds.ts";

export interface Understood {
  /** What its path looks like. */
  readonly path: RegExp;
  /** Which fixtures it is about; any world when absent. */
  readonly world?: RegExp;
  /** What else has to hold. */
  readonly when?: (found: Found) => boolean;
  readonly because: string;
  /** Words of docs/differences.md, where Fairlead means to differ. */
  readonly documented?: string;
}

const isAbsent = (value: Json | undefined) => value === undefined;
const textWhere = (value: Json | undefined, keeps: (word: string) => boolean) =>
  textOf(value).split(" ").filter(keeps).join(" ");

// What is implied by another difference of the same proxy.
const implied: readonly Understood[] = [
  {
    path: /^(clusters|endpoints)\/[^/]*$/,
    because: "a cluster that only one side uses: what leads there is a difference of its own",
  },
  {
    path: /^clusters\/[^/]*\/protocol$/,
    when: ({ ours, istiod }) =>
      (isAbsent(ours) || isAbsent(istiod)) &&
      [ours, istiod].every((each) => isAbsent(member(each, "upstreamHttpProtocolOptions"))),
    because: "a cluster that only one side uses for HTTP: what leads there is a difference of its own",
  },
];

const isOfGateway = (proxy: string) => proxy.startsWith("gw.");

const ofClusters: readonly Understood[] = [
  {
    path: /^clusters\/(BlackHoleCluster|inbound\|[^/]*)\/balancing\/name$/,
    because: "there is one endpoint or none to choose among",
  },
  {
    path: /^clusters\/[^/]*\/(type|endpointsOf|balancing\/(name|options.*)|tlsByEndpoint\/\d+)$/,
    when: ({ proxy, istiod }) =>
      isOfGateway(proxy) && (isAbsent(istiod) || istiod === "ORIGINAL_DST" || istiod === "CLUSTER_PROVIDED"),
    because: "at a gateway there is no address that the client chose",
    documented: "`PASSTHROUGH` of a rule's `loadBalancer` at a gateway",
  },
  {
    path: /^clusters\/inbound\|[^/]*\/upstream$/,
    when: ({ ours }) => isAbsent(ours),
    because: "a connection to an application on the same machine does not go silent",
  },
  {
    path: /^clusters\/inbound\|[^/]*\/bind$/,
    when: ({ ours }) => isAbsent(ours),
    because: "a socket in the file system is reached from no address",
  },
  {
    path: /^clusters\/[iI]nbound[^/]*\/(connectTimeout|limits\/\d+\/.*|protocol\/.*|requestsPerConnection|upstream)$/,
    because: "the mesh's defaultTrafficPolicy is for outbound clusters",
    documented: "`defaultTrafficPolicy` is for outbound clusters",
  },
  {
    path: /^clusters\/PassthroughCluster\/protocol\/commonHttpProtocolOptions\/idleTimeout$/,
    because: "the mesh's idleTimeout is for unknown hosts as well",
    documented: "`http.idleTimeout` holds for unknown hosts too",
  },
  {
    path: /^clusters\/outbound\|[^/]*\/tls\/versions\/tlsMinimumProtocolVersion$/,
    when: ({ ours, istiod }) => ours === "TLSv1_3" && istiod === "TLSv1_2",
    because: "the least version of mesh traffic is for clients as well",
    documented: "`minProtocolVersion` of `meshMTLS`",
  },
  {
    path: /\/dnsLookupFamily$/,
    when: ({ ours, istiod }) => ours === "V4_PREFERRED" && istiod === "V4_ONLY",
    because: "names with IPv6 addresses only are found as well",
  },
  {
    path: /^clusters\/outbound\|7000\|[^/]*\/protocol\/(asClient|http2)$/,
    because: "h2UpgradePolicy is for detected ports as well; istiod sets it there and then takes it back",
  },
  {
    path: /^clusters\/outbound[^/]*\/tls\/names\/\d+$/,
    when: ({ ours, istiod }) => isAbsent(ours) && textOf(member(istiod, "exact")).endsWith("/sa/db"),
    because: "nobody behind this service has a sidecar that would show the name",
  },
  {
    path: /^clusters\/outbound[^/]*\/tls\/names\/\d+$/,
    when: ({ ours, istiod }) => isAbsent(ours) && textOf(member(istiod, "exact")).endsWith("/sa/sa"),
    because: "an account of the mesh is shown in mutual TLS of the mesh, and not to whoever asks for TLS",
  },
  {
    path: /^(endpoints\/outbound\|.*\/ofMesh|clusters\/outbound\|[^/]*\/tls(ByEndpoint\/\d+)?)$/,
    when: ({ ours, istiod }) => Boolean(ours) && !istiod,
    because: "a workload that says otherwise than its namespace is spoken to as it says",
    documented: "Mutual TLS is chosen endpoint by endpoint",
  },
  {
    path: /^clusters\/[^/]*\/(type|endpointsOf|balancing\/name)$/,
    when: ({ proxy, ours }) =>
      isOfGateway(proxy) && (isAbsent(ours) || ours === "ORIGINAL_DST" || ours === "CLUSTER_PROVIDED"),
    because: "nothing leads from a gateway to a service without resolution, whatever its cluster is",
  },
];

const wildcard = {
  because: "a route to a host of a wildcard service leads to the service, not nowhere",
  documented: "A route to one host of a wildcard service",
};

const ofRoutes: readonly Understood[] = [
  {
    path: /\/(maxGrpcTimeout|maxStreamDuration)$/,
    when: ({ ours }) => isAbsent(ours),
    because: "a gRPC client keeps its deadline by itself, and a proxy that knows it ends no request sooner",
  },
  {
    path: /\/weighted\/\d+\/name$/,
    when: ({ ours, istiod }) => istiod === "BlackHoleCluster" && textOf(ours).includes("|*."),
    ...wildcard,
  },
  {
    path: /\/requestMirrorPolicies\/\d+$/,
    when: ({ ours }) => textOf(member(ours, "cluster")).includes("|*."),
    ...wildcard,
  },
  { path: /\/weightedClusters\/(BlackHoleCluster|[^/]*\|\*\.[^/]*)(\/.*)?$/, ...wildcard },
  {
    path: /\/cluster$/,
    when: ({ ours, istiod }) => istiod === "BlackHoleCluster" && textOf(ours).includes("|*."),
    ...wildcard,
  },
  {
    path: /^routes\/\d+\/hosts\/[^/]*$/,
    when: ({ ours }) => isAbsent(ours),
    because:
      "a VirtualService for hosts without this port: istiod has it at port 80 and where a neighbour listens",
  },
  {
    path: /\/domains$/,
    when: ({ ours, istiod }) => textWhere(istiod, (each) => !each.includes("/")) === ours,
    because: "a range of addresses is nothing that a request could name",
  },
  {
    path: /\/domains$/,
    when: ({ ours, istiod }) =>
      textWhere(ours, (each) => /[a-z*]/.test(each) || textOf(istiod).includes(each)) === istiod,
    because: "of the addresses of a ServiceEntry istiod lets requests name the last one only",
  },
  {
    path: /^routes\/http\.\d+\/hosts\/[^/]+(\/\*[^/]*)?$/,
    when: ({ ours, istiod }) => member(ours, "tls") === "ALL" || member(istiod, "tls") === "ALL",
    because: "redirects for hosts with a namespace: istiod takes the namespace for a part of the name",
  },
  {
    path: /\/redirect\/portRedirect$/,
    when: ({ ours, istiod }) => isAbsent(istiod) && (ours === 443 || ours === 80),
    because: "the port is written where the request's own could stay",
    documented: "A redirect to a scheme and its usual port",
  },
  {
    path: /\/(retryHostPredicate\/\d+|hostSelectionRetryMaxAttempts)$/,
    when: ({ ours, istiod }) => isAbsent(ours) || isAbsent(istiod),
    because: "a hash leads to the same endpoint each time, and to avoid that one is to retry nowhere",
  },
];

/** A listener or chain with chains that lead somewhere by SNI, and end no TLS. */
function passesTls(value: Json | undefined): boolean {
  const chains = Object.values(member(value, "chains") ?? { only: value ?? null });
  return chains.every(
    (chain) => member(chain, "tls") === undefined && member(chain, "filters") !== undefined,
  );
}

const ofListeners: readonly Understood[] = [
  {
    path: /\/filters\/\d+\/idleTimeout$/,
    when: ({ ours }) => isAbsent(ours),
    because:
      "settings of a port stand alone, as the reference says; istiod adds the idleTimeout of all ports",
  },
  {
    path: /^listeners\/virtualInbound\/chains\/[^/]*"(TCP )?of the mesh"[^/]*$/,
    when: ({ ours, istiod }) => isAbsent(istiod) && member(ours, "tls", "requireClientCertificate") === true,
    because: "the chains of mesh clients are the same for every mode, so that they keep their connections",
    documented: "PERMISSIVE and STRICT have the same chains for mesh clients",
  },
  {
    path: /^listeners\/[^/]*(\/chains\/\{"serverNames":[^/]*)?$/,
    when: ({ proxy, ours, istiod }) => isOfGateway(proxy) && isAbsent(ours) && passesTls(istiod),
    because: "a gateway passes on only names that it offers, whatever a rule says",
    documented: "TLS that a gateway passes through",
  },
  {
    path: /^(listeners\/[^/]*(\/chains\/\{("serverNames":[^/]*)?\}?|\/fallback)?|routes\/https\.[^/]*)$/,
    when: ({ proxy, ours, istiod }) => isOfGateway(proxy) && (isAbsent(istiod) || isAbsent(ours)),
    because: "of servers that repeat a host, istiod passes over the whole later one",
    documented: "Gateway servers that repeat a host",
  },
  {
    path: /^listeners\/.*\/tls\/digests\//,
    when: ({ istiod }) => isAbsent(istiod),
    because: "digests of client certificates count with certificates from files as well",
    documented: "Digests of client certificates",
  },
  {
    path: /^listeners\/.*\/tls\/versions$/,
    when: ({ ours, istiod }) => isAbsent(istiod) && member(ours, "tlsMaximumProtocolVersion") === "TLSv1_3",
    because: "what clients of the mesh may use is the same at gateways (ISTIO_MUTUAL) as at sidecars",
  },
  {
    path: /^listeners\/[^/]*\/chains\/[^/]*"serverNames":\["\*\.[^/]*$/,
    when: ({ ours, istiod }) =>
      isAbsent(istiod) && textOf(member(objectsIn(member(ours, "filters"))[0], "cluster")).includes("|*."),
    because:
      "a VirtualService takes from a wildcard service the hosts that it names; istiod forgets the others",
    documented: "TLS for some hosts of a wildcard service",
  },
  {
    path: /^listeners\/[1-9][^/]*\/chains\/[^/]*"prefixLen":32[^/]*$/,
    when: ({ istiod }) => isAbsent(istiod),
    because: "a chain for an address other than the listener's own takes nothing",
  },
];

const withoutAlias = (value: Json | undefined) => textWhere(value, (each) => !/^alias\b/.test(each));

const ofServices: readonly Understood[] = [
  {
    path: /^listeners\/10\.1\.0\.1_\d+$/,
    when: ({ proxy, istiod }) => proxy === "reviews-v1.default" && isAbsent(istiod),
    because: "what an application sends to its own address does not come to its sidecar",
  },
  {
    path: /^routes\/[^/]*\/hosts\/alias\.[^/]*$/,
    when: ({ istiod }) => isAbsent(istiod),
    because: "a Service for an outside host has a cluster that resolves it",
    documented: "A Service of type ExternalName",
  },
  {
    path: /^listeners\/[^/]*_5432(\/fallback\/filters\/0\/cluster)?$/,
    when: ({ ours }) => canonical(ours).includes("|alias.default.svc.cluster.local"),
    because: "a Service for an outside host has a cluster that resolves it",
    documented: "A Service of type ExternalName",
  },
  {
    path: /\/domains$/,
    when: ({ ours, istiod }) => withoutAlias(ours) === withoutAlias(istiod),
    because: "routes for a Service of type ExternalName are for all of its names",
    documented: "may also have routes of its own",
  },
  {
    path: /^listeners\/10\.8\.0\.\d_\d+$/,
    when: ({ istiod }) => isAbsent(istiod),
    because: "a WorkloadEntry that a headless Service selects is called by its address like its pods",
    documented: "WorkloadEntries of a headless Service",
  },
];

const ofFixtures: readonly Understood[] = [
  {
    world: /^mesh-config\/explicit-proxy$/,
    path: /^(listeners|routes)\//,
    because: "without interception, only what somebody asked for listens",
    documented: "The explicit HTTP proxy",
  },
  {
    world: /^sidecar\/ingress-capture-none$/,
    path: /^(listeners|routes)\//,
    because: "without interception, only what somebody asked for listens",
    documented: "Without interception (`NONE`)",
  },
  {
    world: /^peer-authentication\/(mesh|port-level)-disable$/,
    path: /^listeners\/virtualInbound\/|^clusters\/[^/]*\/tls/,
    because:
      "mutual TLS is chosen endpoint by endpoint; nothing inspects connections then, so that all count as plain",
    documented: "Mutual TLS is chosen endpoint by endpoint",
  },
  {
    world: /^gateway\/https-from-secret$/,
    path: /lost/,
    because: "a server without its credential is left out",
    documented: "A credential that is missing",
  },
  {
    world: /^gateway\/one-tls-host-twice$/,
    path: /^listeners\/0\.0\.0\.0_8443\/chains\//,
    because: "names that differ in case only are one name, and Envoy would refuse the listener that has both",
  },
  {
    world: /^service\/endpoint-slices$/,
    path: /^endpoints\//,
    because:
      "endpoints that end are drained, and one that a single slice calls ready is; istiod leaves both out",
  },
  {
    world: /^service\/endpoint-slices$/,
    path: /\/tls\/names\/0$/,
    when: ({ path }) => path.startsWith("clusters/"),
    because: "a port without endpoints has nobody who would show a name",
  },
  {
    world: /^service\/external-name$/,
    path: /^(listeners|routes)\//,
    because: "a Service for an outside host has a cluster that resolves it",
    documented: "A Service of type ExternalName",
  },
  {
    world: /^virtual-service\/conflicting-routes$/,
    path: /\/timeout$/,
    because: "of two objects for one host the older one counts, and files have no age: the first name does",
  },
];

export const understood: readonly Understood[] = [
  ...implied,
  ...ofClusters,
  ...ofRoutes,
  ...ofListeners,
  ...ofServices,
  ...ofFixtures,
];

/** The first reason that fits. */
export function reasonFor(found: Found): Understood | undefined {
  return understood.find(
    ({ path, world, when }) =>
      path.test(found.path) && (world?.test(found.world) ?? true) && (when?.(found) ?? true),
  );
}
