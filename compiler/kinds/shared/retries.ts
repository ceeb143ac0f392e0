// When and how often a failed request is tried again: the same block in routes and the mesh's defaults.

import type { Retries } from "../../model/routes.ts";
import { readDuration } from "./duration.ts";
import type { FieldTable } from "./field-table.ts";
import { at, compact, isSet, type Place, readFlag, readText, readWhole, report, setFields } from "./place.ts";

export const retryFields: FieldTable = {
  attempts: "yes",
  perTryTimeout: "yes",
  retryOn: "yes",
  retryRemoteLocalities: "yes",
  retryIgnorePreviousHosts: "yes",
  backoff: "yes",
};

/** Envoy's x-envoy-retry-on and x-envoy-retry-grpc-on (router filter documentation). */
const conditions: ReadonlySet<string> = new Set([
  "5xx",
  "cancelled",
  "connect-failure",
  "deadline-exceeded",
  "envoy-ratelimited",
  "gateway-error",
  "http3-post-connect-failure",
  "internal",
  "refused-stream",
  "reset",
  "reset-before-request",
  "resource-exhausted",
  "retriable-4xx",
  "retriable-headers",
  "retriable-status-codes",
  "unavailable",
]);

/** Undefined when nothing is written: the mesh's default policy holds. */
export function readRetries(place: Place): Retries | undefined {
  if (!isSet(place)) return undefined;
  const attempts = readWhole(at(place, "attempts")) ?? 0;
  if (attempts === 0) {
    for (const field of setFields(place, ["perTryTimeout", "retryOn", "retryRemoteLocalities"])) {
      const message = `"${field}" is set, but there are no attempts`;
      report(at(place, field), "conflicting-fields", message, "set attempts to 1 or more");
    }
  }
  return compact<Retries>({
    attempts,
    perTryTimeoutMs: readDuration(at(place, "perTryTimeout")),
    retryOn: readConditions(at(place, "retryOn")),
    retryRemoteLocalities: readFlag(at(place, "retryRemoteLocalities")),
    retryIgnorePreviousHosts: readFlag(at(place, "retryIgnorePreviousHosts")),
    backoffMs: readDuration(at(place, "backoff")),
  });
}

function readConditions(place: Place): string {
  const text = readText(place) ?? "";
  for (const condition of text === "" ? [] : text.split(",")) {
    if (conditions.has(condition) || isStatus(condition)) continue;
    const message = `"${condition}" is not a condition to retry on`;
    const help =
      condition.trim() === condition
        ? `conditions: ${[...conditions].join(", ")}, or an HTTP status`
        : "remove the space";
    report(place, "invalid-value", message, help);
  }
  return text;
}

function isStatus(text: string): boolean {
  return /^[1-5]\d\d$/.test(text);
}
