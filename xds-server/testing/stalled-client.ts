// A delta ADS client that sends one request and never reads: its HTTP/2 window fills after 64 KiB and stays full.

import { connect } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { DeltaDiscoveryRequestSchema } from "@envoyproxy/protos-ts/envoy/service/discovery/v3/discovery";
import type { RequestInit } from "./client.ts";

export interface StalledClient {
  /** The server has cut the connection. */
  readonly cut: Promise<void>;
  close(): void;
}

/** Sends the request on a stream of its own, on a connection of its own. */
export function connectStalledClient(port: number, request: RequestInit): StalledClient {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on("error", () => undefined);
  const stream = session.request({
    ":method": "POST",
    ":path": "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
    "content-type": "application/grpc",
    te: "trailers",
  });
  stream.on("error", () => undefined);
  const message = toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, request));
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.byteLength, 1);
  stream.write(Buffer.concat([head, message]));
  const cut = new Promise<void>((done) => session.once("close", () => done()));
  return { cut, close: () => session.destroy() };
}
