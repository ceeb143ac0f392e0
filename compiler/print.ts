// Emitted resources as plain JSON for people: protojson with `Any` expanded, keys sorted, secrets redacted.

import { type JsonValue, toJson } from "@bufbuild/protobuf";
import { fullRegistry } from "@envoyproxy/protos-ts/full-registry";
import type { EmittedResource } from "./5-emit/resource.ts";
import { redactSecret } from "./5-emit/secrets/index.ts";

/** The five xDS types by the names people use, in the order in which Envoy learns of them. */
export const resourceTypes = [
  ["clusters", "type.googleapis.com/envoy.config.cluster.v3.Cluster"],
  ["endpoints", "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"],
  ["listeners", "type.googleapis.com/envoy.config.listener.v3.Listener"],
  ["routes", "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"],
  ["secrets", "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"],
] as const;

export type ResourceType = (typeof resourceTypes)[number][0];

export function resourceType(resource: Pick<EmittedResource, "typeUrl">): ResourceType {
  const found = resourceTypes.find(([, typeUrl]) => typeUrl === resource.typeUrl);
  if (!found) throw new Error(`no name for resources of type ${resource.typeUrl}`);
  return found[0];
}

/** Safe to show: a private key never appears. */
export function resourceJson(resource: EmittedResource): JsonValue {
  return sortKeys(toJson(resource.schema, redactSecret(resource.message), { registry: fullRegistry() }));
}

function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
}
