// Endpoints as a table: those that the proxy is told of, and those that its clusters bring along.

import type { Cluster } from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import { HealthStatus } from "@envoyproxy/protos-ts/envoy/config/core/v3/health_check";
import type { ClusterLoadAssignment } from "@envoyproxy/protos-ts/envoy/config/endpoint/v3/endpoint";
import type { LbEndpoint } from "@envoyproxy/protos-ts/envoy/config/endpoint/v3/endpoint_components";
import type { Served } from "./served.ts";
import { addressParts, type Table } from "./table-parts.ts";

export function endpointTable(
  assignments: readonly Served<ClusterLoadAssignment>[],
  clusters: readonly Served<Cluster>[],
): Table {
  const rows = [
    ...assignments.flatMap(({ message }) => rowsOf(message, message.clusterName)),
    ...clusters.flatMap(({ message }) => rowsOf(message.loadAssignment, message.name)),
  ];
  return {
    headings: ["ENDPOINT", "STATUS", "CLUSTER"],
    rows: rows.sort((a, b) => compare(a[0], b[0]) || compare(a[2], b[2])),
  };
}

function rowsOf(
  assignment: ClusterLoadAssignment | undefined,
  cluster: string,
): readonly (readonly [string, string, string])[] {
  const endpoints = assignment?.endpoints.flatMap(({ lbEndpoints }) => lbEndpoints) ?? [];
  return endpoints.map((endpoint) => [
    addressOf(endpoint),
    HealthStatus[endpoint.healthStatus] ?? "",
    cluster,
  ]);
}

function addressOf({ hostIdentifier }: LbEndpoint): string {
  if (hostIdentifier.case !== "endpoint") return hostIdentifier.value ?? "";
  const [host, port] = addressParts(hostIdentifier.value.address);
  if (port === "") return host;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function compare(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
