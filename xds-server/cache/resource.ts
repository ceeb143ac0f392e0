// In: what the compiler emits. Out: the same resource as bytes with its version, encoded once however many clients
// receive it. Knows no client.

import type { DescMessage, Message } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { ClusterLoadAssignmentSchema } from "@envoyproxy/protos-ts/envoy/config/endpoint/v3/endpoint";
import { canonicalBinary, written } from "#encoding";
import { contentVersion } from "./hash.ts";
import { isConfidential, type References, referencesOf } from "./references.ts";
import { typeUrls } from "./resource-types.ts";

/** The policy object behind a resource and its place in a file; lines and columns count from 1. */
export interface Origin {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly position: { readonly file: string; readonly line: number; readonly column: number };
}

/** What the compiler hands over: `message` is frozen by convention, and the same object means the same resource. */
export interface EmittedResource {
  readonly typeUrl: string;
  readonly name: string;
  readonly schema: DescMessage;
  readonly message: Message;
  readonly origins: readonly Origin[];
}

/** A resource as it is served. */
export interface ServedResource {
  readonly typeUrl: string;
  readonly name: string;
  /** Hash of the bytes; never empty. */
  readonly version: string;
  /** The message itself, as it stands in `google.protobuf.Any.value`. */
  readonly body: Uint8Array;
  /** The element of `DeltaDiscoveryResponse.resources`, tag and length included; `body` is a view into it. */
  readonly wire: Uint8Array;
  readonly references: References;
  /** Carries a private key or the like: only for streams that are encrypted and authenticated. */
  readonly confidential: boolean;
  readonly origins: readonly Origin[];
}

const encoded = new WeakMap<Message, ServedResource>();

/** Encodes a resource. Memoized by the identity of the message, the name and the origins that came with it. */
export function encodeResource(emitted: EmittedResource): ServedResource {
  const known = encoded.get(emitted.message);
  if (known && known.name === emitted.name && known.typeUrl === emitted.typeUrl) {
    // An edit above an object moves its origins to other lines and leaves its bytes alone.
    return known.origins === emitted.origins
      ? known
      : remember(emitted.message, { ...known, origins: emitted.origins });
  }
  const { typeUrl, name, message } = emitted;
  const bytes = canonicalBinary(emitted.schema, message);
  const version = contentVersion(bytes);
  const wire = wireResource(typeUrl, name, version, bytes);
  return remember(message, {
    typeUrl,
    name,
    version,
    body: wire.subarray(wire.byteLength - bytes.byteLength),
    wire,
    references: referencesOf(typeUrl, message),
    confidential: isConfidential(typeUrl, message),
    origins: emitted.origins,
  });
}

function remember(message: Message, resource: ServedResource): ServedResource {
  encoded.set(message, resource);
  return resource;
}

/** `envoy.service.discovery.v3.Resource` as field 2 of a delta response, the body last. */
function wireResource(typeUrl: string, name: string, version: string, body: Uint8Array): Uint8Array {
  const { LengthDelimited } = WireType;
  return written((writer) => {
    writer.tag(2, LengthDelimited).fork();
    writer.tag(3, LengthDelimited).string(name).tag(1, LengthDelimited).string(version);
    writer.tag(2, LengthDelimited).fork();
    writer.tag(1, LengthDelimited).string(typeUrl).tag(2, LengthDelimited).bytes(body);
    writer.join().join();
  });
}

const whichHave = new WeakMap<readonly ServedResource[], boolean>();
/** A longer list is mostly one that everybody gets. */
const worthRemembering = 64;

/** Whether one of them is only for streams that are encrypted and authenticated. */
export function isAnyConfidential(resources: readonly ServedResource[]): boolean {
  const look = () => resources.some(({ confidential }) => confidential);
  return resources.length < worthRemembering ? look() : whichHave.getOrInsertComputed(resources, look);
}

/** The answer for endpoints that do not exist: a cluster that gets none stays warming, one that gets an empty list goes live. */
export function emptyLoadAssignment(name: string): ServedResource {
  const message = create(ClusterLoadAssignmentSchema, { clusterName: name });
  return encodeResource({
    typeUrl: typeUrls.endpoints,
    name,
    schema: ClusterLoadAssignmentSchema,
    message,
    origins: [],
  });
}
