// The standard gRPC health service (grpc.health.v1), for load balancers and probes. In: whether the server is ready. Knows
// no xDS.

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as Serving,
} from "@envoyproxy/protos-ts/src/proto/grpc/health/v1/health";
import { type MethodDefinition, type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";

/** An object, since grpc-js takes an empty string for no message at all. */
interface HealthRequest {
  readonly service: string;
}

/** `Check` alone: xDS clients and probes poll, and a `Watch` stream would have to be drained like the others. */
export const healthService: { readonly check: MethodDefinition<HealthRequest, Buffer> } = {
  check: {
    path: "/grpc.health.v1.Health/Check",
    requestStream: false,
    responseStream: false,
    requestSerialize: () => Buffer.alloc(0),
    requestDeserialize: (bytes) => fromBinary(HealthCheckRequestSchema, bytes),
    responseSerialize: (bytes) => bytes,
    responseDeserialize: (bytes) => bytes,
  },
};

/** Answers for the server as a whole (the empty name) and for the given services. */
export function healthHandlers(services: readonly string[], ready: () => boolean) {
  return {
    check(call: ServerUnaryCall<HealthRequest, Buffer>, reply: sendUnaryData<Buffer>): void {
      const { service } = call.request;
      if (service !== "" && !services.includes(service)) {
        reply({ code: status.NOT_FOUND, details: `no service named ${service}` });
        return;
      }
      const answer = create(HealthCheckResponseSchema, {
        status: ready() ? Serving.SERVING : Serving.NOT_SERVING,
      });
      reply(null, Buffer.from(toBinary(HealthCheckResponseSchema, answer)));
    },
  };
}
