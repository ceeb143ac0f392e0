// A delta ADS client without an Envoy around it, on the plaintext port: asks for everything of some types and acknowledges
// what it is told, or does not read at all. So light that a process can have hundreds.

import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
} from "@envoyproxy/protos-ts/envoy/service/discovery/v3/discovery";

export interface LightClientOptions {
  /** On 127.0.0.1. */
  readonly port: number;
  /** `name.namespace` of a sidecar. */
  readonly name: string;
  readonly typeUrls: readonly string[];
  readonly onResponse?: (response: DeltaDiscoveryResponse) => void;
  /** Called once, when its stream is over, or was refused, or its connection is gone. */
  readonly onEnd?: () => void;
  /** Default true. If not, its windows fill and stay full. */
  readonly reads?: boolean;
}

export interface LightClient {
  close(): void;
}

export function connectLightClient(options: LightClientOptions): LightClient {
  const { port, name, typeUrls, reads = true } = options;
  const session = connect(`http://127.0.0.1:${port}`);
  const stream = session.request({
    ":method": "POST",
    ":path": "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
    "content-type": "application/grpc",
    te: "trailers",
  });
  endOnce(session, stream, options.onEnd);
  if (reads) {
    readMessages(stream, (bytes) => {
      const response = fromBinary(DeltaDiscoveryResponseSchema, bytes);
      send(stream, { typeUrl: response.typeUrl, responseNonce: response.nonce });
      options.onResponse?.(response);
    });
  }
  const node = { id: `sidecar~127.0.0.1~${name}~${name}.svc.cluster.local`, userAgentName: "envoy" };
  for (const [index, typeUrl] of typeUrls.entries())
    send(stream, { typeUrl, ...(index === 0 ? { node } : {}) });
  return { close: () => session.destroy() };
}

function endOnce(session: ClientHttp2Session, stream: ClientHttp2Stream, onEnd?: () => void): void {
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    session.destroy();
    onEnd?.();
  };
  session.on("error", end);
  session.once("close", end);
  stream.on("error", end);
  stream.once("end", end);
  stream.once("close", end);
}

function send(stream: ClientHttp2Stream, init: MessageInitShape<typeof DeltaDiscoveryRequestSchema>): void {
  const message = toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, init));
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.byteLength, 1);
  stream.write(Buffer.concat([head, message]));
}

/** Takes gRPC's length-prefixed messages apart. */
function readMessages(stream: ClientHttp2Stream, take: (bytes: Uint8Array) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 5) {
      const end = 5 + rest.readUInt32BE(1);
      if (rest.length < end) return;
      take(rest.subarray(5, end));
      rest = rest.subarray(end);
    }
  });
}
