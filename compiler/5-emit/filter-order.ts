// The order of filters in every chain, with the reason for each place. A filter that is not listed does not type-check.

/** HTTP filters, first to last. */
export const filterOrder = [
  // Denies before the request costs anything else; DENY rules come before ALLOW rules inside the kind.
  "envoy.filters.http.rbac",
  // A fault replaces the upstream, not the policy in front of it.
  "envoy.filters.http.fault",
  // Answers browsers for the upstream, so it comes after all that keeps a request from there.
  "envoy.filters.http.cors",
  // Says which ALPN the upstream connection offers; must run before the router picks a connection.
  "envoy.filters.http.set_filter_state",
  // Looks up the host that a request to the explicit proxy names, before the router needs its address.
  "envoy.filters.http.dynamic_forward_proxy",
  // Terminal.
  "envoy.filters.http.router",
] as const;

export type FilterName = (typeof filterOrder)[number];

/** Network filters, first to last. */
export const networkFilterOrder = [
  // Decides before any byte is forwarded.
  "envoy.filters.network.rbac",
  // Names the cluster that the terminal proxy uses.
  "envoy.filters.network.sni_cluster",
  // Terminal.
  "envoy.filters.network.tcp_proxy",
  "envoy.filters.network.http_connection_manager",
] as const;

export type NetworkFilterName = (typeof networkFilterOrder)[number];
