// What Istio's control-plane dashboard asks of its metrics, panel by panel, and which panels Fairlead fills: the names and
// labels only, since the queries around them are Grafana's.

export interface Panel {
  readonly title: string;
  readonly metrics: readonly {
    readonly name: string;
    /** What the query groups by. */
    readonly by: readonly string[];
  }[];
  /** Why the panel, or a part of it, stays empty. */
  readonly empty?: string;
}

/** Filled from Fairlead's own page. */
export const filled: readonly Panel[] = [
  { title: "Pilot Versions", metrics: [{ name: "istio_build", by: ["component", "tag"] }] },
  { title: "XDS Pushes", metrics: [{ name: "pilot_xds_pushes", by: ["type"] }] },
  {
    title: "Events",
    metrics: [
      { name: "pilot_k8s_reg_events", by: ["type", "event"] },
      { name: "pilot_k8s_cfg_events", by: ["type", "event"] },
      { name: "pilot_push_triggers", by: ["type"] },
    ],
  },
  { title: "Connections (server reported)", metrics: [{ name: "pilot_xds", by: [] }] },
  {
    title: "Push Errors",
    metrics: [
      { name: "pilot_total_xds_rejects", by: ["type"] },
      { name: "pilot_total_xds_internal_errors", by: [] },
    ],
  },
  { title: "Push Time", metrics: [{ name: "pilot_xds_push_time_bucket", by: ["le"] }] },
  { title: "Push Size", metrics: [{ name: "pilot_xds_config_size_bytes_bucket", by: ["le"] }] },
  {
    title: "Validation",
    metrics: [
      { name: "galley_validation_passed", by: [] },
      { name: "galley_validation_failed", by: [] },
    ],
  },
];

export const notFilled: readonly Panel[] = [
  {
    title: "Memory Usage, Memory Allocations, Goroutines",
    metrics: [
      { name: "go_memstats_heap_inuse_bytes", by: ["pod"] },
      { name: "go_memstats_mallocs_total", by: ["pod"] },
      { name: "go_goroutines", by: ["pod"] },
    ],
    empty:
      "Fairlead is no Go program: nodejs_heap_size_used_bytes and process_resident_memory_bytes say the like",
  },
  {
    title: "CPU Usage",
    metrics: [{ name: "container_cpu_usage_seconds_total", by: ["pod"] }],
    empty: "the kubelet's, for the container that Fairlead runs in",
  },
  {
    title: "Connections (client reported)",
    metrics: [{ name: "envoy_cluster_upstream_cx_active", by: [] }],
    empty: "the proxies': their cluster is called xds-grpc, as the query wants it",
  },
  {
    title: "Injection",
    metrics: [
      { name: "sidecar_injection_success_total", by: [] },
      { name: "sidecar_injection_failure_total", by: [] },
    ],
    empty: "Fairlead injects nothing",
  },
];
