// An Envoy message in; out, the names of what it needs to work: a cluster its endpoints, a route table its clusters, and
// whether a secret carries something private. Knows nothing of clients or versions.

import type { Message } from "@bufbuild/protobuf";
import { type Cluster, Cluster_DiscoveryType } from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import type { RouteConfiguration } from "@envoyproxy/protos-ts/envoy/config/route/v3/route";
import type {
  Route,
  RouteAction,
  RouteAction_RequestMirrorPolicy,
  VirtualHost,
} from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import type { Secret } from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/secret";
import { typeUrls } from "./resource-types.ts";

/** What a resource needs at the client before it can be of use there. */
export interface References {
  /** The load assignment that an EDS cluster subscribes to. */
  readonly endpoints?: string;
  /** The clusters that a route table or virtual host sends requests to, in order of name. */
  readonly clusters: readonly string[];
}

/** The references of a message of the given type; types without any have no references. */
export function referencesOf(typeUrl: string, message: Message): References {
  switch (typeUrl) {
    case typeUrls.cluster:
      return clusterReferences(message as Cluster);
    case typeUrls.routes:
      return { clusters: routedClusters(message as RouteConfiguration) };
    case typeUrls.virtualHosts:
      return { clusters: hostClusters(message as VirtualHost) };
    default:
      return { clusters: [] };
  }
}

/** Whether the resource must never leave on a stream that is not both encrypted and authenticated. */
export function isConfidential(typeUrl: string, message: Message): boolean {
  // Only trust bundles are public; whatever else a Secret can be is treated as a key.
  return typeUrl === typeUrls.secret && (message as Secret).type.case !== "validationContext";
}

function clusterReferences(cluster: Cluster): References {
  const { clusterDiscoveryType: discovery } = cluster;
  if (discovery.case !== "type" || discovery.value !== Cluster_DiscoveryType.EDS) return { clusters: [] };
  return { endpoints: cluster.edsClusterConfig?.serviceName || cluster.name, clusters: [] };
}

function routedClusters(table: RouteConfiguration): readonly string[] {
  const names = new Set<string>();
  mirroredClusters(table.requestMirrorPolicies, names);
  for (const host of table.virtualHosts) addHostClusters(host, names);
  return [...names].sort();
}

function hostClusters(host: VirtualHost): readonly string[] {
  const names = new Set<string>();
  addHostClusters(host, names);
  return [...names].sort();
}

function addHostClusters({ requestMirrorPolicies, routes }: VirtualHost, names: Set<string>): void {
  mirroredClusters(requestMirrorPolicies, names);
  for (const route of routes) routeClusters(route, names);
}

function routeClusters(route: Route, names: Set<string>): void {
  if (route.action.case === "route") actionClusters(route.action.value, names);
}

function actionClusters(action: RouteAction, names: Set<string>): void {
  const { clusterSpecifier } = action;
  if (clusterSpecifier.case === "cluster") names.add(clusterSpecifier.value);
  if (clusterSpecifier.case === "weightedClusters") {
    for (const { name } of clusterSpecifier.value.clusters) if (name) names.add(name);
  }
  mirroredClusters(action.requestMirrorPolicies, names);
}

function mirroredClusters(policies: readonly RouteAction_RequestMirrorPolicy[], names: Set<string>): void {
  for (const { cluster } of policies) if (cluster) names.add(cluster);
}
