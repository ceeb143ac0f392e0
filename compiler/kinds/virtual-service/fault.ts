// Faults injected on purpose.

import type { Fault } from "../../model/routes.ts";
import { readDuration } from "../shared/duration.ts";
import {
  at,
  compact,
  isSet,
  type Place,
  readNumber,
  readText,
  readWhole,
  report,
  reportExclusive,
  setFields,
} from "../shared/place.ts";
import { readStatus } from "./redirect.ts";

/** Names of the gRPC status codes, in the order of their numbers. */
const grpcStatuses: readonly string[] = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

/** Envoy counts in millionths. */
const leastPercentage = 0.0001;

/** Undefined when nothing is written. */
export function readFault(place: Place): Fault | undefined {
  if (!isSet(place)) return undefined;
  if (setFields(place, ["delay", "abort"]).length === 0) {
    report(place, "invalid-value", `"fault" has neither "delay" nor "abort"`);
  }
  return compact<Fault>({ delay: readDelay(at(place, "delay")), abort: readAbort(at(place, "abort")) });
}

function readDelay(place: Place): Fault["delay"] {
  if (!isSet(place)) return undefined;
  reportExclusive(place, ["fixedDelay", "exponentialDelay"]);
  if (isSet(at(place, "exponentialDelay"))) {
    report(
      at(place, "exponentialDelay"),
      "invalid-value",
      "exponential delays were never implemented, by Istio either",
    );
  }
  const percentage = readPercentage(place) ?? readDeprecatedPercent(at(place, "percent"));
  const fixedMs = readDuration(at(place, "fixedDelay"));
  if (fixedMs === undefined) {
    if (!isSet(at(place, "fixedDelay"))) report(place, "ineffective-field", `"delay" has no "fixedDelay"`);
    return undefined;
  }
  warnOfNobody(place, percentage, "delayed");
  return { percentage: percentage ?? 0, fixedMs };
}

function readAbort(place: Place): Fault["abort"] {
  if (!isSet(place)) return undefined;
  reportExclusive(place, ["httpStatus", "grpcStatus", "http2Error"]);
  if (isSet(at(place, "http2Error"))) {
    report(at(place, "http2Error"), "invalid-value", "HTTP/2 errors were never implemented, by Istio either");
  }
  const percentage = readPercentage(place);
  const status = readAbortStatus(place);
  if (status === undefined) return undefined;
  warnOfNobody(place, percentage, "aborted");
  return { percentage: percentage ?? 0, status };
}

function readAbortStatus(place: Place): NonNullable<Fault["abort"]>["status"] | undefined {
  const http = at(place, "httpStatus");
  if (isSet(http)) {
    const code = readStatus(http);
    return code === undefined ? undefined : { type: "http", code };
  }
  const grpc = at(place, "grpcStatus");
  const name = readText(grpc);
  if (name === undefined) {
    report(place, "ineffective-field", `"abort" says no status`, `set "httpStatus" or "grpcStatus"`);
    return undefined;
  }
  const code = grpcStatuses.indexOf(name);
  if (code !== -1) return { type: "grpc", code };
  report(grpc, "invalid-value", `"${name}" is not a gRPC status`, `statuses: ${grpcStatuses.join(", ")}`);
  return undefined;
}

/** `percentage.value`; undefined when there is no `percentage`. */
function readPercentage(place: Place): number | undefined {
  const percentage = at(place, "percentage");
  if (!isSet(percentage)) return undefined;
  const value = readNumber(at(percentage, "value")) ?? 0;
  if (value < 0 || value > 100 || (value > 0 && value < leastPercentage)) {
    const message = `${value} is neither 0 nor a percentage between ${leastPercentage} and 100`;
    report(at(percentage, "value"), "invalid-value", message);
  }
  return value;
}

function readDeprecatedPercent(place: Place): number | undefined {
  const percent = readWhole(place);
  if (percent === undefined) return undefined;
  report(place, "deprecated-field", `"percent" is deprecated`, `use "percentage.value"`);
  if (percent > 100) report(place, "invalid-value", `${percent} is not a percentage between 0 and 100`);
  return percent;
}

function warnOfNobody(place: Place, percentage: number | undefined, done: string): void {
  if (percentage !== undefined) return;
  report(
    place,
    "ineffective-field",
    `no request is ${done}: there is no "percentage"`,
    "percentage: {value: 100} is all",
  );
}
