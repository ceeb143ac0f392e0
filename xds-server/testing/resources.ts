// Small real Envoy resources for tests, written as `name: content`: two contents that differ give two versions.

import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { Cluster_DiscoveryType, ClusterSchema } from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import { ClusterLoadAssignmentSchema } from "@envoyproxy/protos-ts/envoy/config/endpoint/v3/endpoint";
import { ListenerSchema } from "@envoyproxy/protos-ts/envoy/config/listener/v3/listener";
import { RouteConfigurationSchema } from "@envoyproxy/protos-ts/envoy/config/route/v3/route";
import { VirtualHostSchema } from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import { SecretSchema } from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/secret";
import { joinedVersion } from "../cache/hash.ts";
import { emptyLoadAssignment, encodeResource, type Origin, type ServedResource } from "../cache/resource.ts";
import { typeUrls } from "../cache/resource-types.ts";
import { createSnapshot, type Snapshot } from "../cache/snapshot.ts";
import type { ListedVersions } from "../stream/messages.ts";

/** Short names of the types as they stand in transcripts. */
export const typesByShortName: Readonly<Record<string, string>> = {
  CDS: typeUrls.cluster,
  EDS: typeUrls.endpoints,
  SDS: typeUrls.secret,
  LDS: typeUrls.listener,
  RDS: typeUrls.routes,
  VHDS: typeUrls.virtualHosts,
};

/** A resource's content: a number that stands for it, and what matters to the server. */
export interface Content {
  readonly v: number;
  /** CDS: `static` for a cluster without EDS; otherwise it subscribes to its own name, or to this one. */
  readonly endpoints?: string;
  /** RDS, VHDS: the clusters routed to. */
  readonly to?: readonly string[];
  /** RDS, VHDS: the host's domain, and in a table its name; otherwise both change with the content. */
  readonly at?: string;
  /** SDS: a trust bundle instead of a key pair. */
  readonly trustBundle?: boolean;
  /** `file:line` of the object it comes from. */
  readonly from?: string;
}

/** Resources by type and name; a bare number is a content without particulars. */
export type World = Readonly<Record<string, Readonly<Record<string, Content | number>>>>;

/** The resource of that name and content. */
export function resource(shortName: string, name: string, content: Content | number): ServedResource {
  const full: Content = typeof content === "number" ? { v: content } : content;
  const origins = full.from === undefined ? [] : [originAt(name, full.from)];
  switch (shortName) {
    case "CDS":
      return encode(shortName, name, origins, ClusterSchema, clusterOf(name, full));
    case "EDS":
      return encode(shortName, name, origins, ClusterLoadAssignmentSchema, {
        clusterName: name,
        policy: { overprovisioningFactor: full.v },
      });
    case "LDS":
      return encode(shortName, name, origins, ListenerSchema, { name, statPrefix: String(full.v) });
    case "RDS":
      return encode(shortName, name, origins, RouteConfigurationSchema, routesOf(name, full));
    case "VHDS":
      return encode(shortName, name, origins, VirtualHostSchema, hostOf(name, full));
    case "SDS":
      return encode(shortName, name, origins, SecretSchema, secretOf(name, full));
    default:
      throw new Error(`no such type in tests: ${shortName}`);
  }
}

function encode<S extends DescMessage>(
  shortName: string,
  name: string,
  origins: readonly Origin[],
  schema: S,
  init: MessageInitShape<S>,
): ServedResource {
  const typeUrl = typesByShortName[shortName] ?? "";
  return encodeResource({ typeUrl, name, schema, message: create(schema, init), origins });
}

function clusterOf(name: string, { v, endpoints }: Content): MessageInitShape<typeof ClusterSchema> {
  const connectTimeout = { seconds: BigInt(v) };
  if (endpoints === "static") return { name, connectTimeout };
  return {
    name,
    connectTimeout,
    clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.EDS },
    edsClusterConfig: { serviceName: endpoints ?? "" },
  };
}

function routesOf(name: string, content: Content): MessageInitShape<typeof RouteConfigurationSchema> {
  return { name, virtualHosts: [hostOf(content.at ?? `v${content.v}`, content)] };
}

function hostOf(name: string, { v, to, at }: Content): MessageInitShape<typeof VirtualHostSchema> {
  const routes = (to ?? []).map((cluster) => ({
    action: {
      case: "route" as const,
      value: { clusterSpecifier: { case: "cluster" as const, value: cluster } },
    },
  }));
  if (at === undefined) return { name, domains: [`v${v}`], routes };
  return { name, domains: [at], routes, perRequestBufferLimitBytes: v };
}

function secretOf(name: string, { v, trustBundle }: Content): MessageInitShape<typeof SecretSchema> {
  const bytes = { specifier: { case: "inlineString" as const, value: `content ${v}` } };
  return trustBundle
    ? { name, type: { case: "validationContext", value: { trustedCa: bytes } } }
    : { name, type: { case: "tlsCertificate", value: { privateKey: bytes } } };
}

function originAt(name: string, place: string): Origin {
  const [file = "", line = "1"] = place.split(":");
  return { kind: "Test", namespace: "default", name, position: { file, line: Number(line), column: 1 } };
}

/** All resources of a world. */
export function resourcesOf(world: World): readonly ServedResource[] {
  return Object.entries(world).flatMap(([shortName, contents]) =>
    Object.entries(contents).map(([name, content]) => resource(shortName, name, content)),
  );
}

/** The snapshot of a world. */
export function snapshotOf(world: World, previous?: Snapshot): Snapshot {
  return createSnapshot(resourcesOf(world), previous);
}

/** The version of the empty answer for endpoints that do not exist. */
export function emptyVersion(name: string): string {
  return emptyLoadAssignment(name).version;
}

/** What a client lists, as it is read from its request. */
export function listed(versions: ReadonlyMap<string, string>): ListedVersions {
  const list = [...versions.values()];
  const areVersions = list.every((version) => /^[0-9a-f]{20}$/.test(version));
  return Object.assign(new Map(versions), areVersions ? { joined: joinedVersion(list) } : {});
}
