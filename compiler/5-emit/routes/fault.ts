// Delays and failures made on purpose: our Fault as the fault filter's per-route configuration.

import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { FaultDelaySchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/common/fault/v3/fault";
import {
  type FaultAbort,
  FaultAbortSchema,
  type HTTPFault,
  HTTPFaultSchema,
} from "@envoyproxy/protos-ts/envoy/extensions/filters/http/fault/v3/fault";
import type { Fault } from "../../model/routes.ts";
import { fractionalPercent } from "../percentage.ts";

export function httpFault({ delay, abort }: Fault): HTTPFault {
  return create(HTTPFaultSchema, {
    ...(delay !== undefined && {
      delay: create(FaultDelaySchema, {
        faultDelaySecifier: { case: "fixedDelay", value: durationFromMs(delay.fixedMs) },
        percentage: fractionalPercent(delay.percentage),
      }),
    }),
    ...(abort !== undefined && {
      abort: create(FaultAbortSchema, {
        errorType: errorType(abort.status),
        percentage: fractionalPercent(abort.percentage),
      }),
    }),
  });
}

function errorType(status: NonNullable<Fault["abort"]>["status"]): FaultAbort["errorType"] {
  switch (status.type) {
    case "http":
      return { case: "httpStatus", value: status.code };
    case "grpc":
      return { case: "grpcStatus", value: status.code };
  }
}
