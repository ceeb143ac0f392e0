// The AggregatedDiscoveryService as grpc-js sees it: bytes in, bytes out. What is in them, `dialect.ts` knows.

import type { MethodDefinition } from "@grpc/grpc-js";

export const adsServiceName = "envoy.service.discovery.v3.AggregatedDiscoveryService";

const bytesAsTheyAre = (bytes: Buffer) => bytes;

/** Both methods of the service. */
export const adsService: {
  readonly deltaAggregatedResources: MethodDefinition<Buffer, Buffer>;
  readonly streamAggregatedResources: MethodDefinition<Buffer, Buffer>;
} = {
  deltaAggregatedResources: {
    path: `/${adsServiceName}/DeltaAggregatedResources`,
    requestStream: true,
    responseStream: true,
    requestSerialize: bytesAsTheyAre,
    requestDeserialize: bytesAsTheyAre,
    responseSerialize: bytesAsTheyAre,
    responseDeserialize: bytesAsTheyAre,
  },
  streamAggregatedResources: {
    path: `/${adsServiceName}/StreamAggregatedResources`,
    requestStream: true,
    responseStream: true,
    requestSerialize: bytesAsTheyAre,
    requestDeserialize: bytesAsTheyAre,
    responseSerialize: bytesAsTheyAre,
    responseDeserialize: bytesAsTheyAre,
  },
};
