// The messages of `envoy.service.status.v3`, to and from plain data. Envoy does not link that one file, so that its types are not
// among the generated ones: four small messages, put together here from those that are. Knows no stream.

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  ClientResourceStatus,
  UpdateFailureStateSchema,
} from "@envoyproxy/protos-ts/envoy/admin/v3/config_dump_shared";
import { NodeSchema } from "@envoyproxy/protos-ts/envoy/config/core/v3/base";
import { type NodeMatcher, NodeMatcherSchema } from "@envoyproxy/protos-ts/envoy/type/matcher/v3/node";
import type { ConfigStatus, Standing } from "../stream/config-status.ts";
import type { ClientNode } from "./codec.ts";

/** `ClientStatusRequest`, but for the node of whoever asks. */
export interface ClientStatusRequest {
  readonly matchers: readonly NodeMatcher[];
  readonly excludeContents: boolean;
}

/** `ClientConfig` before encoding. */
export interface ClientConfig {
  readonly node: ClientNode;
  readonly resources: readonly ConfigStatus[];
}

/** Throws on malformed bytes. */
export function decodeClientStatusRequest(bytes: Uint8Array): ClientStatusRequest {
  const reader = new BinaryReader(bytes);
  const matchers: NodeMatcher[] = [];
  let excludeContents = false;
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (number === 1) matchers.push(fromBinary(NodeMatcherSchema, reader.bytes()));
    else if (number === 3) excludeContents = reader.bool();
    else reader.skip(type, number);
  }
  return { matchers, excludeContents };
}

/** `ClientStatusResponse`. */
export function encodeClientStatusResponse(
  clients: readonly ClientConfig[],
  excludeContents: boolean,
): Buffer {
  const writer = new BinaryWriter();
  for (const client of clients) {
    nested(writer, 1, () => {
      bytes(writer, 1, toBinary(NodeSchema, nodeOf(client.node)));
      for (const resource of client.resources)
        nested(writer, 3, () => writeResource(writer, resource, excludeContents));
    });
  }
  return Buffer.from(writer.finish());
}

/** `ConfigStatus` of the service: where the server stands. */
const serverStatus: Readonly<Record<Standing, number>> = {
  unknown: 0,
  accepted: 1,
  absent: 2,
  withheld: 2,
  sent: 3,
  pending: 3,
  refused: 4,
};

function writeResource(writer: BinaryWriter, resource: ConfigStatus, excludeContents: boolean): void {
  const { typeUrl, name, standing, version = "", body, reason } = resource;
  text(writer, 1, typeUrl);
  text(writer, 2, name);
  text(writer, 3, version);
  if (body && !excludeContents) {
    nested(writer, 4, () => {
      text(writer, 1, typeUrl);
      bytes(writer, 2, body);
    });
  }
  // Never sent at all is another thing than not sent in its newest version.
  const never = standing === "pending" && version === "";
  writer.tag(6, WireType.Varint).int32(never ? 2 : serverStatus[standing]);
  writer.tag(7, WireType.Varint).int32(clientStatus(resource));
  if (!reason) return;
  const failure = create(UpdateFailureStateSchema, {
    versionInfo: reason.version,
    details: reason.message,
    ...(reason.at !== undefined && { lastUpdateAttempt: timestampFromMs(Math.round(reason.at)) }),
  });
  bytes(writer, 8, toBinary(UpdateFailureStateSchema, failure));
}

function clientStatus({ standing, version }: ConfigStatus): ClientResourceStatus {
  switch (standing) {
    case "refused":
      return ClientResourceStatus.NACKED;
    case "absent":
      return ClientResourceStatus.DOES_NOT_EXIST;
    case "unknown":
      return ClientResourceStatus.UNKNOWN;
    case "accepted":
    case "sent":
    case "pending":
    case "withheld":
      return version === undefined ? ClientResourceStatus.REQUESTED : ClientResourceStatus.ACKED;
  }
}

function nodeOf(node: ClientNode) {
  const { region, zone, subZone } = node.locality;
  return create(NodeSchema, {
    id: node.id,
    cluster: node.cluster,
    metadata: node.metadata,
    ...((region || zone || subZone) && { locality: { region, zone, subZone } }),
    userAgentName: node.userAgentName,
    userAgentVersionType: { case: "userAgentVersion", value: node.userAgentVersion },
    clientFeatures: [...node.clientFeatures],
  });
}

function text(writer: BinaryWriter, number: number, value: string): void {
  if (value !== "") writer.tag(number, WireType.LengthDelimited).string(value);
}

function bytes(writer: BinaryWriter, number: number, value: Uint8Array): void {
  writer.tag(number, WireType.LengthDelimited).bytes(value);
}

function nested(writer: BinaryWriter, number: number, write: () => void): void {
  writer.tag(number, WireType.LengthDelimited).fork();
  write();
  writer.join();
}
