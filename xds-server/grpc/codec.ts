// Protobuf at the edge: bytes of a request to plain data, a response to bytes. Resources are copied as the bytes they
// were encoded to once. Knows no stream.

import { fromBinary, type JsonObject } from "@bufbuild/protobuf";
import type { Node } from "@envoyproxy/protos-ts/envoy/config/core/v3/base";
import { DiscoveryRequestSchema } from "@envoyproxy/protos-ts/envoy/service/discovery/v3/discovery";
import type { ServedResource } from "../cache/resource.ts";
import { partsOf } from "../cache/snapshot.ts";
import { concatenate, field, Message } from "../cache/wire.ts";
import type { DeltaRequest, DeltaResponse } from "../stream/messages.ts";
import type { WorldRequest, WorldResponse } from "../stream/state-of-the-world.ts";
import { readDeltaRequest } from "./delta-request.ts";

/** What a client says about itself: `envoy.config.core.v3.Node` as plain data. Nothing in it is proven. */
export interface ClientNode {
  readonly id: string;
  readonly cluster: string;
  readonly metadata: JsonObject;
  readonly locality: { readonly region: string; readonly zone: string; readonly subZone: string };
  readonly userAgentName: string;
  readonly userAgentVersion: string;
  readonly clientFeatures: readonly string[];
}

/** A request, with the node where the client sent one: only the first on a stream is sure to. */
export interface DecodedRequest {
  readonly request: DeltaRequest;
  readonly node?: ClientNode;
}

/** Decodes a `DeltaDiscoveryRequest`. Throws on malformed bytes. */
export function decodeRequest(bytes: Uint8Array): DecodedRequest {
  const { request, node } = readDeltaRequest(bytes);
  return node ? { request, node: plainNode(node) } : { request };
}

/** Decodes a `DiscoveryRequest`. Throws on malformed bytes. */
export function decodeWorldRequest(bytes: Uint8Array): {
  readonly request: WorldRequest;
  readonly node?: ClientNode;
} {
  const message = fromBinary(DiscoveryRequestSchema, bytes);
  const { typeUrl, resourceNames, responseNonce, errorDetail } = message;
  const request: WorldRequest = {
    typeUrl,
    names: resourceNames,
    nonce: responseNonce,
    ...(errorDetail && { error: { code: errorDetail.code, message: errorDetail.message } }),
  };
  return message.node ? { request, node: plainNode(message.node) } : { request };
}

function plainNode(node: Node): ClientNode {
  const version = node.userAgentVersionType;
  return {
    id: node.id,
    cluster: node.cluster,
    metadata: node.metadata ?? {},
    locality: {
      region: node.locality?.region ?? "",
      zone: node.locality?.zone ?? "",
      subZone: node.locality?.subZone ?? "",
    },
    userAgentName: node.userAgentName,
    userAgentVersion: agentVersion(version),
    clientFeatures: node.clientFeatures,
  };
}

function agentVersion(version: Node["userAgentVersionType"]): string {
  if (version.case === "userAgentVersion") return version.value;
  const number = version.case === "userAgentBuildVersion" ? version.value.version : undefined;
  return number ? `${number.majorNumber}.${number.minorNumber}.${number.patch}` : "";
}

/** `ControlPlane`, which stands in every response of one server; `identifier` names the replica. */
export function encodeControlPlane(identifier: string): Uint8Array {
  return concatenate([field(1, identifier)]);
}

/** `DeltaDiscoveryResponse` as bytes. `controlPlane` comes from `encodeControlPlane`. */
export function encodeResponse(response: DeltaResponse, controlPlane: Uint8Array): Message {
  const { systemVersion, resources, typeUrl, nonce, removed } = response;
  return new Message([
    field(1, systemVersion),
    ...resourceParts(resources),
    field(4, typeUrl),
    field(5, nonce),
    ...removed.map((name) => field(6, name)),
    field(7, controlPlane),
  ]);
}

/**
 * A list of so many resources is put together once, for all who are sent the very list. The bytes are there a second time as long
 * as somebody is being sent them, and until the collector needs the room: a crowd comes at once, and then for long nobody.
 */
const manyResources = 100;
const together = new WeakMap<readonly ServedResource[], WeakRef<Uint8Array>>();

function resourceParts(resources: readonly ServedResource[]): readonly Uint8Array[] {
  if (resources.length < manyResources) return resources.map(({ wire }) => wire);
  return partsOf(resources).flatMap((part) => {
    if (part.length < manyResources) return part.map(({ wire }) => wire);
    const known = together.get(part)?.deref();
    if (known) return [known];
    const made = concatenate(part.map(({ wire }) => wire));
    together.set(part, new WeakRef(made));
    return [made];
  });
}

/** `DiscoveryResponse` as bytes. */
export function encodeWorldResponse(response: WorldResponse, controlPlane: Uint8Array): Message {
  const { typeUrl, nonce, version, resources } = response;
  const type = field(1, typeUrl);
  return new Message([
    field(1, version),
    ...resources.map(({ body }) => field(2, [type, field(2, body)])),
    field(4, typeUrl),
    field(5, nonce),
    field(6, controlPlane),
  ]);
}
