// What a real Envoy says of one of its clusters, in the words of `traffic-settings.ts`.

import type { RunningEnvoy } from "../envoy/index.ts";

// biome-ignore lint/suspicious/noExplicitAny: Envoy's JSON, of which only what is read matters.
type Json = any;

/** Undefined: there is no such cluster. */
export async function settingsSeen(envoy: RunningEnvoy, name: string): Promise<object | undefined> {
  const pattern = `^${name.replaceAll(/[.|]/g, "\\$&")}$`;
  const found: Json = JSON.parse(
    await envoy.admin(
      `/config_dump?resource=dynamic_active_clusters&name_regex=${encodeURIComponent(pattern)}`,
    ),
  );
  const cluster: Json = found.configs?.[0]?.cluster;
  return cluster && settingsOf(cluster);
}

function settingsOf(cluster: Json) {
  const [breaker] = cluster.circuit_breakers.thresholds;
  const ageing = Object.values<Json>(cluster.typed_extension_protocol_options ?? {})[0]
    ?.common_http_protocol_options;
  const keepalive = cluster.upstream_connection_options?.tcp_keepalive;
  const [{ typed_extension_config: balancer }] = cluster.load_balancing_policy.policies;
  const { minimum_ring_size: ring, table_size: table, slow_start_config: warmup } = balancer.typed_config;
  const ejection = cluster.outlier_detection;
  const budget = breaker.retry_budget;
  return {
    connectTimeout: milliseconds(cluster.connect_timeout),
    maxConnections: breaker.max_connections,
    maxPending: breaker.max_pending_requests,
    maxRequests: breaker.max_requests,
    maxRetries: breaker.max_retries,
    requestsPerConnection: ageing?.max_requests_per_connection ?? 2 ** 32 - 1,
    ...(budget && { budget: [budget.budget_percent.value, budget.min_retry_concurrency] }),
    ...(ageing?.idle_timeout && { idleTimeout: milliseconds(ageing.idle_timeout) }),
    ...(ageing?.max_connection_duration && {
      maxConnectionDuration: milliseconds(ageing.max_connection_duration),
    }),
    ...(keepalive?.keepalive_probes && { keepaliveProbes: keepalive.keepalive_probes }),
    ...(keepalive?.keepalive_time && { keepaliveTime: keepalive.keepalive_time * 1000 }),
    ...(keepalive?.keepalive_interval && { keepaliveInterval: keepalive.keepalive_interval * 1000 }),
    balancer: balancer.name.split(".").at(-1),
    ...((ring ?? table) && { size: Number(ring ?? table) }),
    ...(warmup && { warmup: milliseconds(warmup.slow_start_window) }),
    ...(ejection && {
      interval: milliseconds(ejection.interval),
      baseEjectionTime: milliseconds(ejection.base_ejection_time),
      maxEjectionPercent: ejection.max_ejection_percent ?? 10,
      minHealthPercent: cluster.common_lb_config?.healthy_panic_threshold?.value ?? 0,
      failures: ejection.enforcing_consecutive_5xx === 0 ? 0 : (ejection.consecutive_5xx ?? 5),
      gatewayFailures: ejection.enforcing_consecutive_gateway_failure
        ? ejection.consecutive_gateway_failure
        : 0,
      localFailures: ejection.split_external_local_origin_errors
        ? (ejection.consecutive_local_origin_failure ?? 5)
        : undefined,
    }),
  };
}

function milliseconds(text: string): number {
  return Math.round(Number.parseFloat(text) * 1000);
}
