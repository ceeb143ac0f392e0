// Clusters as a user notices them: how endpoints are found, chosen among, spoken to, and given up.

import { hasMeshPeers, viewOfAssignment } from "./endpoint-view.ts";
import { isObject, type Json, type JsonObject, member, objectsIn, textOf, without } from "./json.ts";
import { viewOfTls } from "./tls-view.ts";

/** Endpoints of a service that is discovered are in `assignments`, by its name. */
export function viewOfCluster(
  cluster: JsonObject,
  carriesHttp: boolean,
  assignments: ReadonlyMap<string, JsonObject>,
): JsonObject {
  if (isEmpty(cluster)) return {};
  const discovered = assignments.get(endpointsOf(cluster));
  // What endpoints may ask for is nothing where none of them does.
  const isAsked = [cluster.loadAssignment, discovered].some(hasMeshPeers);
  const all = objectsIn(cluster.transportSocketMatches);
  const matches = isAsked ? all : [];
  const wanted = isAsked ? "tlsMode-istio" : "tlsMode-disabled";
  const chosen = all.find(({ name }) => name === wanted)?.transportSocket ?? cluster.transportSocket;
  // Plain text goes without saying.
  const socket = textOf(member(chosen, "name")) === "envoy.transport_sockets.raw_buffer" ? undefined : chosen;
  const dns = member(cluster, "clusterType", "typedConfig");
  return {
    type: typeOf(cluster),
    balancing: viewOfBalancing(cluster),
    connectTimeout: cluster.connectTimeout,
    // What is left of a limit is for statistics.
    limits: objectsIn(member(cluster, "circuitBreakers", "thresholds")).map((each) =>
      without(each, "trackRemaining"),
    ),
    outliers: cluster.outlierDetection,
    protocol: carriesHttp ? viewOfProtocol(cluster) : undefined,
    tls: socket && viewOfTls(socket),
    tlsByEndpoint: matches.map(({ name }) => name ?? null),
    endpointsOf: member(cluster, "edsClusterConfig", "serviceName"),
    dnsLookupFamily: cluster.dnsLookupFamily ?? member(dns, "dnsLookupFamily"),
    dnsRefreshRate: cluster.dnsRefreshRate ?? member(dns, "dnsRefreshRate"),
    respectDnsTtl: cluster.respectDnsTtl ?? member(dns, "respectDnsTtl"),
    localities: cluster.commonLbConfig,
    upstream: cluster.upstreamConnectionOptions,
    filters: objectsIn(cluster.filters)
      .map(({ name }) => textOf(name))
      .filter((name) => !/istio/.test(name)),
    endpoints: isObject(cluster.loadAssignment)
      ? viewOfAssignment(cluster.loadAssignment, matches.length > 0)
      : undefined,
    requestsPerConnection: cluster.maxRequestsPerConnection,
    bind: cluster.upstreamBindConfig,
  };
}

/** Under which name the endpoints are. */
export function endpointsOf(cluster: JsonObject): string {
  return textOf(member(cluster, "edsClusterConfig", "serviceName")) || textOf(cluster.name);
}

/** Whether endpoints say how they are spoken to. */
export function letsEndpointsDecide({ transportSocketMatches }: JsonObject): boolean {
  return objectsIn(transportSocketMatches).some(({ name }) => name === "tlsMode-istio");
}

/** Whoever is sent there is refused, whatever else it says. */
function isEmpty(cluster: JsonObject): boolean {
  const isListed = /STATIC|DNS/.test(textOf(typeOf(cluster) ?? "STATIC"));
  const localities = objectsIn(member(cluster, "loadAssignment", "endpoints"));
  return isListed && localities.every(({ lbEndpoints }) => objectsIn(lbEndpoints).length === 0);
}

/** DNS has a type of its own by now, and two older ones that mean the same. */
function typeOf(cluster: JsonObject): Json | undefined {
  const extension = member(cluster, "clusterType", "name");
  if (extension !== "envoy.cluster.dns") return cluster.type ?? extension;
  const oneEndpoint = member(cluster, "clusterType", "typedConfig", "allAddressesInSingleEndpoint");
  return oneEndpoint ? "LOGICAL_DNS" : "STRICT_DNS";
}

function viewOfProtocol(cluster: JsonObject): JsonObject | undefined {
  const options = member(
    cluster,
    "typedExtensionProtocolOptions",
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
  );
  if (!isObject(options)) return undefined;
  const explicit = member(options, "explicitHttpConfig");
  // HTTP/1.1 is what goes without saying; window sizes and the like are each side's own.
  return {
    ...without(options, "@type", "explicitHttpConfig", "useDownstreamProtocolConfig"),
    asClient: isObject(options.useDownstreamProtocolConfig),
    http2: isObject(member(explicit, "http2ProtocolOptions")),
    http1: member(explicit, "httpProtocolOptions"),
  };
}

/** A policy is an extension by now, and was a name with options beside it. */
function viewOfBalancing(cluster: JsonObject): JsonObject {
  const policy = member(
    objectsIn(member(cluster, "loadBalancingPolicy", "policies"))[0],
    "typedExtensionConfig",
  );
  if (isObject(policy)) {
    const name = textOf(policy.name).split(".").at(-1) ?? "";
    return { name: name.toUpperCase(), options: viewOfOptions(policy.typedConfig) };
  }
  const options =
    cluster.ringHashLbConfig ??
    cluster.maglevLbConfig ??
    cluster.leastRequestLbConfig ??
    cluster.roundRobinLbConfig;
  return { name: cluster.lbPolicy ?? "ROUND_ROBIN", options: viewOfOptions(options) };
}

function viewOfOptions(options: Json | undefined): JsonObject {
  const slowStart = member(options, "slowStartConfig");
  return {
    ...without(options, "@type", "slowStartConfig"),
    slowStart: isObject(slowStart) ? viewOfSlowStart(slowStart) : undefined,
  };
}

/** With Envoy's defaults: a start with a tenth of the weight, and growth in a straight line. */
function viewOfSlowStart(slowStart: JsonObject): JsonObject {
  return {
    window: slowStart.slowStartWindow,
    aggression: member(slowStart, "aggression", "defaultValue") ?? 1,
    minimum: member(slowStart, "minWeightPercent", "value") ?? 10,
  };
}
