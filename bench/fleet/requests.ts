// The `DeltaDiscoveryRequest`s of a client as framed bytes. What many clients say alike is encoded once.

import { create, toBinary } from "@bufbuild/protobuf";
import { NodeSchema } from "@envoyproxy/protos-ts/envoy/config/core/v3/base";
import { frameMessage } from "./grpc-call.ts";
import type { FleetMember } from "./protocol.ts";
import { writeField } from "./wire.ts";

/** The field that says who the client is: part of the first request on a stream. */
export function writeNode(node: FleetMember["node"]): Buffer {
  return writeField(1, Buffer.from(toBinary(NodeSchema, create(NodeSchema, node))));
}

const typeFields = remembered((typeUrl: string) => writeField(2, typeUrl));
const nameFields = remembered((name: string) => writeField(3, name));
const versionFields = remembered((version: string) => writeField(2, version));
const keyFields = remembered((name: string) => writeField(1, name));

/** Accepts a response. */
export function acknowledge(typeUrl: string, nonce: string): Buffer {
  return frameMessage([typeFields(typeUrl), writeField(6, nonce)]);
}

/** Empty lists: everything, for the types that have a wildcard. */
export function askForAll(typeUrl: string, node?: Buffer): Buffer {
  return frameMessage([...(node ? [node] : []), typeFields(typeUrl)]);
}

const subscriptions = new Map<string, Buffer>();

/** Asks for names in addition to those asked for before. */
export function subscribe(typeUrl: string, names: readonly string[]): Buffer {
  const key = `${typeUrl} ${names.join()}`;
  const known = subscriptions.get(key);
  if (known) return known;
  const made = frameMessage([typeFields(typeUrl), ...names.map(nameFields)]);
  subscriptions.set(key, made);
  return made;
}

/** The first request of a type on a new stream of a client that has something: `names` is empty for a wildcard. */
export function resume(
  typeUrl: string,
  names: Iterable<string>,
  held: ReadonlyMap<string, string>,
  node?: Buffer,
): Buffer {
  const versions = [...held].map(([name, version]) =>
    writeField(5, Buffer.concat([keyFields(name), versionFields(version)])),
  );
  return frameMessage([
    ...(node ? [node] : []),
    typeFields(typeUrl),
    ...[...names].map(nameFields),
    ...versions,
  ]);
}

function remembered(write: (text: string) => Buffer): (text: string) => Buffer {
  const known = new Map<string, Buffer>();
  return (text) => {
    const seen = known.get(text);
    if (seen) return seen;
    const made = write(text);
    known.set(text, made);
    return made;
  };
}
