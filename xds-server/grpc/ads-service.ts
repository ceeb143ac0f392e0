// The AggregatedDiscoveryService as grpc-js sees it: requests are decoded, responses pass through as the bytes they are.

import { type MethodDefinition, status } from "@grpc/grpc-js";
import { type DecodedRequest, decodeRequest } from "./codec.ts";

export const adsServiceName = "envoy.service.discovery.v3.AggregatedDiscoveryService";

const bytesAsTheyAre = (bytes: Buffer) => bytes;
const neverSent = () => Buffer.alloc(0);

/** Both methods of the service; only the incremental one is implemented. */
export const adsService: {
  readonly deltaAggregatedResources: MethodDefinition<DecodedRequest, Buffer>;
  readonly streamAggregatedResources: MethodDefinition<Buffer, Buffer>;
} = {
  deltaAggregatedResources: {
    path: `/${adsServiceName}/DeltaAggregatedResources`,
    requestStream: true,
    responseStream: true,
    requestSerialize: neverSent,
    requestDeserialize: decodeRequest,
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

/** The answer to a state-of-the-world client. */
export const onlyDelta = {
  code: status.UNIMPLEMENTED,
  details: "Fairlead serves incremental xDS only: set ads_config.api_type to DELTA_GRPC in the bootstrap",
};
