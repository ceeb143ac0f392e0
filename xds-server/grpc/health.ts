// The standard gRPC health service (grpc.health.v1), for load balancers and probes. In: whether the server is ready. Knows
// no xDS.

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as Serving,
} from "@envoyproxy/protos-ts/src/proto/grpc/health/v1/health";
import { type MethodDefinition, type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";

/** `Check` alone: xDS clients and probes poll, and a `Watch` stream would have to be drained like the others. */
export const healthService: { readonly check: MethodDefinition<string, Buffer> } = {
  check: {
    path: "/grpc.health.v1.Health/Check",
    requestStream: false,
    responseStream: false,
    requestSerialize: () => Buffer.alloc(0),
    requestDeserialize: (bytes) => fromBinary(HealthCheckRequestSchema, bytes).service,
    responseSerialize: (bytes) => bytes,
    responseDeserialize: (bytes) => bytes,
  },
};

/** Answers for the server as a whole (the empty name) and for the given services. */
export function healthHandlers(services: readonly string[], ready: () => boolean) {
  return {
    check(call: ServerUnaryCall<string, Buffer>, reply: sendUnaryData<Buffer>): void {
      if (call.request !== "" && !services.includes(call.request)) {
        reply({ code: status.NOT_FOUND, details: `no service named ${call.request}` });
        return;
      }
      const answer = create(HealthCheckResponseSchema, {
        status: ready() ? Serving.SERVING : Serving.NOT_SERVING,
      });
      reply(null, Buffer.from(toBinary(HealthCheckResponseSchema, answer)));
    },
  };
}
