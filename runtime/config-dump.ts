// What one connected proxy is served, as plain data. In: its snapshot, and the mesh for what a resource does not say of
// its parts. Out: resources as JSON with their origins; private keys are replaced.

import { type DescMessage, fromBinary, type JsonValue } from "@bufbuild/protobuf";
import { ClusterSchema } from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import { ClusterLoadAssignmentSchema } from "@envoyproxy/protos-ts/envoy/config/endpoint/v3/endpoint";
import { ListenerSchema } from "@envoyproxy/protos-ts/envoy/config/listener/v3/listener";
import {
  type RouteConfiguration,
  RouteConfigurationSchema,
} from "@envoyproxy/protos-ts/envoy/config/route/v3/route";
import { VirtualHostSchema } from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import { SecretSchema } from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/secret";
import { type Mesh, type MeshProxy, type ResourceType, resourceJson, resourceTypes, viewOf } from "#compiler";
import { collectionOf, type Origin, type Snapshot, typeUrls } from "#xds-server";
import { objectsOf } from "./places.ts";

export interface DumpedResource {
  readonly name: string;
  readonly version: string;
  /** `VirtualService default/reviews reviews.yaml:12`. */
  readonly origins: readonly string[];
  /** Route tables: the origins of each route, by virtual host, in the order of the routes. */
  readonly routeOrigins?: Readonly<Record<string, readonly (readonly string[])[]>>;
  /** protojson. */
  readonly resource: JsonValue;
}

/** Types of which the proxy has nothing are absent. */
export interface ConfigDump extends Partial<Readonly<Record<ResourceType, readonly DumpedResource[]>>> {
  /** `name.namespace`. */
  readonly proxy: string;
  readonly version?: string;
}

const schemas: ReadonlyMap<string, DescMessage> = new Map<string, DescMessage>([
  [typeUrls.cluster, ClusterSchema],
  [typeUrls.endpoints, ClusterLoadAssignmentSchema],
  [typeUrls.listener, ListenerSchema],
  [typeUrls.routes, RouteConfigurationSchema],
  [typeUrls.secret, SecretSchema],
]);

export function dumpConfig(mesh: Mesh, proxy: MeshProxy, snapshot: Snapshot | undefined): ConfigDump {
  const dumped = resourceTypes.map(
    ([type, typeUrl]) => [type, dumpType(typeUrl, mesh, proxy, snapshot)] as const,
  );
  return {
    proxy: proxy.id,
    ...(snapshot ? { version: snapshot.id } : {}),
    ...Object.fromEntries(dumped.filter(([, resources]) => resources.length > 0)),
  };
}

function dumpType(
  typeUrl: string,
  mesh: Mesh,
  proxy: MeshProxy,
  snapshot: Snapshot | undefined,
): readonly DumpedResource[] {
  const schema = schemas.get(typeUrl);
  if (!schema) throw new Error(`no schema for resources of type ${typeUrl}`);
  const served = [...collectionOf(snapshot, typeUrl).resources.values()];
  const tables = typeUrl === typeUrls.routes ? routeOrigins(mesh, proxy) : undefined;
  return served
    .map(({ name, version, body, origins }) => {
      const message = fromBinary(schema, body);
      const parts = typeUrl === typeUrls.routes ? addHosts(message as RouteConfiguration, snapshot) : [];
      const ofRoutes = tables?.get(name);
      return {
        name,
        version,
        origins: objectsOf([...origins, ...parts]),
        ...(ofRoutes ? { routeOrigins: ofRoutes } : {}),
        resource: resourceJson({ typeUrl, name, schema, message, origins: [] }),
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * A table whose virtual hosts are resources of their own is shown with them, under the names that they have elsewhere. Gives
 * the origins of the hosts.
 */
function addHosts(table: RouteConfiguration, snapshot: Snapshot | undefined): readonly Origin[] {
  if (!table.vhds) return [];
  const prefix = `${table.name}/`;
  const found: Origin[] = [];
  for (const { name, body, origins } of collectionOf(snapshot, typeUrls.virtualHosts).resources.values()) {
    if (!name.startsWith(prefix)) continue;
    table.virtualHosts.push({ ...fromBinary(VirtualHostSchema, body), name: name.slice(prefix.length) });
    found.push(...origins);
  }
  return found;
}

/** As the files have it now: of a table that was held back, these may be newer than the table. */
function routeOrigins(
  mesh: Mesh,
  proxy: MeshProxy,
): ReadonlyMap<string, NonNullable<DumpedResource["routeOrigins"]>> {
  return new Map(
    viewOf(mesh, proxy).routeTables.map(({ name, virtualHosts }) => [
      name,
      Object.fromEntries(
        virtualHosts.map((host) => [host.name, host.routes.map(({ origins }) => objectsOf(origins))]),
      ),
    ]),
  );
}
