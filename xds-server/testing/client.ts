// A delta ADS client for tests over a real connection: it sends what it is told and hands out responses one by one, so
// that tests wait for messages and never for time.

import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
} from "@envoyproxy/protos-ts/envoy/service/discovery/v3/discovery";
import {
  type ChannelCredentials,
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  type StatusObject,
} from "@grpc/grpc-js";

export interface TestClientOptions {
  readonly port: number;
  /** Default plaintext. */
  readonly credentials?: ChannelCredentials;
  readonly bearerToken?: string;
}

export type RequestInit = MessageInitShape<typeof DeltaDiscoveryRequestSchema>;

export interface TestClient {
  send(request: RequestInit): void;
  /** The next response, in order; rejects when the stream has ended without one. */
  next(): Promise<DeltaDiscoveryResponse>;
  /** Acknowledges a response. */
  ack(response: DeltaDiscoveryResponse): void;
  /** How the stream ended. */
  readonly status: Promise<StatusObject>;
  cancel(): void;
  close(): void;
}

/** A node for first requests. */
export const testNode = {
  id: "sidecar~127.0.0.1~app.default~default.svc.cluster.local",
  userAgentName: "envoy",
};

/** Opens a stream; nothing is sent yet. */
export function connectTestClient(options: TestClientOptions): TestClient {
  const client = new Client(
    `127.0.0.1:${options.port}`,
    options.credentials ?? credentials.createInsecure(),
    {
      "grpc.max_receive_message_length": -1,
      "grpc.use_local_subchannel_pool": 1,
      "grpc.ssl_target_name_override": "localhost",
    },
  );
  const metadata = new Metadata();
  if (options.bearerToken !== undefined) metadata.set("authorization", `Bearer ${options.bearerToken}`);
  const call: ClientDuplexStream<RequestInit, DeltaDiscoveryResponse> = client.makeBidiStreamRequest(
    "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
    (request) =>
      Buffer.from(toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, request))),
    (bytes) => fromBinary(DeltaDiscoveryResponseSchema, bytes),
    metadata,
  );
  const ended = Promise.withResolvers<StatusObject>();
  call.on("status", ended.resolve);
  call.on("error", () => undefined);
  const responses = readResponses(call, ended.promise);
  return {
    send: (request) => void call.write(request),
    next: responses,
    ack: ({ typeUrl, nonce }) => void call.write({ typeUrl, responseNonce: nonce }),
    status: ended.promise,
    cancel: () => call.cancel(),
    close: () => {
      call.cancel();
      client.close();
    },
  };
}

function readResponses(
  call: ClientDuplexStream<RequestInit, DeltaDiscoveryResponse>,
  ended: Promise<StatusObject>,
): () => Promise<DeltaDiscoveryResponse> {
  const arrived: DeltaDiscoveryResponse[] = [];
  const waiting: ((response: DeltaDiscoveryResponse) => void)[] = [];
  call.on("data", (response: DeltaDiscoveryResponse) => {
    const waiter = waiting.shift();
    if (waiter) waiter(response);
    else arrived.push(response);
  });
  return () => {
    const first = arrived.shift();
    if (first) return Promise.resolve(first);
    const { promise, resolve, reject } = Promise.withResolvers<DeltaDiscoveryResponse>();
    waiting.push(resolve);
    ended.then(({ code, details }) => reject(new Error(`the stream ended with ${code}: ${details}`)));
    return promise;
  };
}
