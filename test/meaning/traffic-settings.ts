// Limits, ageing and ejection of a policy, as Istio's reference says them: what Envoy should say that it goes by. In: a policy. Out: settings.

import type { Effective } from "./traffic-policy.ts";
import type { Keepalive } from "./traffic-rule.ts";

const unlimited = 2 ** 32 - 1;

export function settingsOf(policy: Effective, meshKeepalive: Keepalive | undefined) {
  const { connectionPool, loadBalancer, outlierDetection, retryBudget } = policy;
  const { http, tcp } = connectionPool ?? {};
  const hash = loadBalancer?.consistentHash;
  const idle = http?.idleTimeout ?? tcp?.idleTimeout;
  const duration = tcp?.maxConnectionDuration;
  const keepalive = { ...meshKeepalive, ...tcp?.tcpKeepalive };
  return {
    connectTimeout: millisecondsOf(tcp?.connectTimeout ?? "1s"),
    maxConnections: tcp?.maxConnections ?? unlimited,
    maxPending: http?.http1MaxPendingRequests ?? unlimited,
    maxRequests: http?.http2MaxRequests ?? unlimited,
    maxRetries: http?.maxRetries ?? unlimited,
    requestsPerConnection: http?.maxRequestsPerConnection ?? unlimited,
    ...(retryBudget && { budget: [retryBudget.percent ?? 20, retryBudget.minRetryConcurrency ?? 3] }),
    ...(idle && { idleTimeout: millisecondsOf(idle) }),
    ...(duration && { maxConnectionDuration: millisecondsOf(duration) }),
    ...(keepalive.probes && { keepaliveProbes: keepalive.probes }),
    ...(keepalive.time && { keepaliveTime: millisecondsOf(keepalive.time) }),
    ...(keepalive.interval && { keepaliveInterval: millisecondsOf(keepalive.interval) }),
    balancer: hash ? (hash.maglev ? "maglev" : "ring_hash") : algorithmOf(loadBalancer?.simple),
    ...(hash && {
      size: (hash.maglev?.tableSize ?? hash.ringHash?.minimumRingSize ?? hash.minimumRingSize) || 1024,
    }),
    ...(!hash &&
      loadBalancer?.warmup &&
      algorithmOf(loadBalancer.simple) !== "random" && {
        warmup: millisecondsOf(loadBalancer.warmup.duration),
      }),
    ...(outlierDetection && {
      interval: millisecondsOf(outlierDetection.interval),
      baseEjectionTime: millisecondsOf(outlierDetection.baseEjectionTime),
      // "Defaults to 10%".
      maxEjectionPercent: outlierDetection.maxEjectionPercent ?? 10,
      minHealthPercent: outlierDetection.minHealthPercent ?? 0,
      // "defaults to 5 but can be disabled by setting the value to 0"; the other "is disabled by default or when set to the value 0".
      failures: outlierDetection.consecutive5xxErrors ?? 5,
      gatewayFailures: outlierDetection.consecutiveGatewayErrors ?? 0,
      localFailures: outlierDetection.splitExternalLocalOriginErrors
        ? (outlierDetection.consecutiveLocalOriginFailures ?? 5)
        : undefined,
    }),
  };
}

/** LEAST_REQUEST is what istiod takes by default. */
function algorithmOf(simple = "UNSPECIFIED"): string {
  return simple === "RANDOM" || simple === "ROUND_ROBIN" ? simple.toLowerCase() : "least_request";
}

export function millisecondsOf(text: string): number {
  const [, number = "", unit] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  return Number(number) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit as "ms"];
}
