// When and how Envoy tries a failed request again: our Retries as its RetryPolicy, with Istio's defaults.

import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  type RetryPolicy,
  RetryPolicy_RetryBackOffSchema,
  RetryPolicy_RetryHostPredicateSchema,
  RetryPolicy_RetryPrioritySchema,
  RetryPolicySchema,
} from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import { PreviousHostsPredicateSchema } from "@envoyproxy/protos-ts/envoy/extensions/retry/host/previous_hosts/v3/previous_hosts";
import { PreviousPrioritiesConfigSchema } from "@envoyproxy/protos-ts/envoy/extensions/retry/priority/previous_priorities/v3/previous_priorities_config";
import { share } from "#encoding";
import { memoizeByIdentity } from "../../model/memo.ts";
import type { Retries } from "../../model/routes.ts";
import { packAny } from "../envoy-any.ts";

/**
 * Undefined: no retries. `hashed` says that the route picks endpoints by consistent hash: a retry then stays with the
 * host that the hash names unless the policy asks for another.
 */
export function retryPolicy(retries: Retries | undefined, hashed: boolean): RetryPolicy | undefined {
  return retries === undefined || retries.attempts <= 0 ? undefined : policyOf(retries, hashed);
}

/** Most routes have the mesh's own. */
const policyOf = memoizeByIdentity((retries: Retries, hashed: boolean): RetryPolicy => {
  const policy = create(RetryPolicySchema, {
    ...conditions(retries.retryOn),
    numRetries: retries.attempts,
    ...(retries.perTryTimeoutMs !== undefined && { perTryTimeout: durationFromMs(retries.perTryTimeoutMs) }),
    retryHostPredicate: (retries.retryIgnorePreviousHosts ?? !hashed) ? [previousHosts] : [],
    hostSelectionRetryMaxAttempts: 5n,
    ...(retries.retryRemoteLocalities === true && { retryPriority: previousPriorities }),
    ...(retries.backoffMs !== undefined && {
      retryBackOff: create(RetryPolicy_RetryBackOffSchema, {
        baseInterval: durationFromMs(retries.backoffMs),
      }),
    }),
  });
  return share(policy);
});

const previousHosts = create(RetryPolicy_RetryHostPredicateSchema, {
  name: "envoy.retry_host_predicates.previous_hosts",
  configType: {
    case: "typedConfig",
    value: packAny(PreviousHostsPredicateSchema, create(PreviousHostsPredicateSchema)),
  },
});

const previousPriorities = create(RetryPolicy_RetryPrioritySchema, {
  name: "envoy.retry_priorities.previous_priorities",
  configType: {
    case: "typedConfig",
    value: packAny(
      PreviousPrioritiesConfigSchema,
      create(PreviousPrioritiesConfigSchema, { updateFrequency: 2 }),
    ),
  },
});

const byStatusCode = "retriable-status-codes";

interface Conditions {
  readonly retryOn: string;
  readonly retriableStatusCodes: number[];
}

/** What `retryOn` stands for where it is empty (VirtualService, HTTPRetry): failures after which the server has done nothing. */
const defaultConditions: Conditions = {
  retryOn: "connect-failure,refused-stream,unavailable,cancelled",
  retriableStatusCodes: [],
};

/** Numbers among the tokens are status codes, and switch on retrying by status code. */
function conditions(retryOn: string): Conditions {
  const tokens = retryOn
    .split(",")
    .map((token) => token.trim())
    .filter((token) => token !== "");
  if (tokens.length === 0) return defaultConditions;
  const codes = tokens.filter(isStatusCode).map(Number);
  const names = tokens.filter((token) => !isStatusCode(token));
  if (codes.length > 0 && !names.includes(byStatusCode)) names.push(byStatusCode);
  return { retryOn: names.join(","), retriableStatusCodes: codes };
}

function isStatusCode(token: string): boolean {
  return /^[1-5][0-9][0-9]$/.test(token);
}
