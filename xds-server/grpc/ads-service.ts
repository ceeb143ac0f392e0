// The AggregatedDiscoveryService as grpc-js sees it: bytes in, messages out. What is in them, `dialect.ts` knows.

import type { MethodDefinition } from "@grpc/grpc-js";
import type { Message } from "../cache/wire.ts";

export const adsServiceName = "envoy.service.discovery.v3.AggregatedDiscoveryService";

const bytesAsTheyAre = (bytes: Buffer) => bytes;

/** grpc-js asks what it sends for its length, and to copy itself behind the five bytes that go before it: nothing else. */
const asItCopiesItself = (message: Message) => message as unknown as Buffer;

/** A server decodes no responses. */
const never = () => {
  throw new Error("a response has come to the server");
};

/** Both methods of the service. */
export const adsService: {
  readonly deltaAggregatedResources: MethodDefinition<Buffer, Message>;
  readonly streamAggregatedResources: MethodDefinition<Buffer, Message>;
} = {
  deltaAggregatedResources: {
    path: `/${adsServiceName}/DeltaAggregatedResources`,
    requestStream: true,
    responseStream: true,
    requestSerialize: bytesAsTheyAre,
    requestDeserialize: bytesAsTheyAre,
    responseSerialize: asItCopiesItself,
    responseDeserialize: never,
  },
  streamAggregatedResources: {
    path: `/${adsServiceName}/StreamAggregatedResources`,
    requestStream: true,
    responseStream: true,
    requestSerialize: bytesAsTheyAre,
    requestDeserialize: bytesAsTheyAre,
    responseSerialize: asItCopiesItself,
    responseDeserialize: never,
  },
};
