// How much a proxy puts on one destination at a time: a connection pool's limits as Envoy's circuit breakers.

import { create } from "@bufbuild/protobuf";
import {
  type CircuitBreakers,
  CircuitBreakersSchema,
} from "@envoyproxy/protos-ts/envoy/config/cluster/v3/circuit_breaker";
import { share } from "#encoding";
import type { ClusterPlan } from "../../4-view/plan/index.ts";
import { memoizeByIdentity } from "../../model/memo.ts";

/** Envoy has no "unlimited"; its own defaults (1024 connections, 3 retries) would bite during rolling updates. */
const unlimited = 0xffff_ffff;

/** Limits that a plan does not name are lifted, as in Istio. */
export function circuitBreakers({ connectionPool, retryBudget }: ClusterPlan): CircuitBreakers {
  return limits(connectionPool, retryBudget);
}

type Limits = Pick<ClusterPlan, "connectionPool" | "retryBudget">;

/** The same for all clusters under the same policy. */
const limits = memoizeByIdentity((pool: Limits["connectionPool"], budget: Limits["retryBudget"]) => {
  const tcp = pool?.tcp;
  const http = pool?.http;
  const breakers = create(CircuitBreakersSchema, {
    thresholds: [
      {
        maxConnections: tcp?.maxConnections ?? unlimited,
        maxPendingRequests: http?.maxPendingRequests ?? unlimited,
        maxRequests: http?.maxRequests ?? unlimited,
        maxRetries: http?.maxRetries ?? unlimited,
        trackRemaining: true,
        ...(budget && {
          retryBudget: {
            budgetPercent: { value: budget.percent },
            minRetryConcurrency: budget.minRetryConcurrency,
          },
        }),
      },
    ],
  });
  return share(breakers);
});
