// The Envoy bootstrap that points at Fairlead: who the proxy is, where its configuration comes from, and how the channel
// to it is secured. Pure; the token and the roots are arguments.

import type { JsonObject } from "@bufbuild/protobuf";

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export interface BootstrapOptions {
  readonly type: "sidecar" | "router";
  readonly name: string;
  readonly namespace: string;
  readonly ip: string;
  readonly serviceAccount: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly locality?: { readonly region: string; readonly zone: string; readonly subzone: string };
  readonly interceptionMode?: "REDIRECT" | "TPROXY" | "NONE";
  readonly domainSuffix: string;
  /** Where Fairlead serves xDS. */
  readonly xds: HostPort;
  /** Absent: plain text, without identity and so without mutual TLS. */
  readonly security?: {
    /** PEM of the roots that xDS serving certificates chain to. */
    readonly roots: string;
    /** The workload's bootstrap token, sent as a bearer token. */
    readonly token: string;
    /** A DNS name in the serving certificate. */
    readonly serverName: string;
  };
  readonly admin: HostPort;
}

const typePrefix = "type.googleapis.com";

/** protojson of `envoy.config.bootstrap.v3.Bootstrap`, for `envoy -c` as JSON or YAML. */
export function buildBootstrap(options: BootstrapOptions): JsonObject {
  return {
    node: buildNode(options),
    admin: { address: socketAddress(options.admin) },
    dynamic_resources: {
      ads_config: {
        api_type: "DELTA_GRPC",
        transport_api_version: "V3",
        // The node is large and never changes on a stream.
        set_node_on_first_message_only: true,
        grpc_services: [
          {
            envoy_grpc: {
              cluster_name: "xds-grpc",
              // Envoy's own limit is half a minute, for which a proxy would go on with old configuration after an outage.
              retry_policy: { retry_back_off: { base_interval: "0.5s", max_interval: "5s" } },
            },
            ...(options.security
              ? { initial_metadata: [{ key: "authorization", value: `Bearer ${options.security.token}` }] }
              : {}),
          },
        ],
      },
      cds_config: overAds(),
      lds_config: overAds(),
    },
    static_resources: { clusters: [xdsCluster(options)] },
    layered_runtime: {
      layers: [
        {
          name: "fairlead",
          static_layer: {
            // Istio's limit: Envoy's own (100) refuses expressions that policies in the field use.
            "re2.max_program_size.error_level": 32_768,
          },
        },
        { name: "admin", admin_layer: {} },
      ],
    },
  };
}

/** `envoy.config.core.v3.Node` as protojson, in the form that Istio's proxies have. */
export function buildNode(options: Omit<BootstrapOptions, "admin" | "security">): JsonObject {
  const { type, ip, name, namespace, domainSuffix, labels, locality } = options;
  return {
    id: `${type}~${ip}~${name}.${namespace}~${namespace}.svc.${domainSuffix}`,
    cluster: `${labels.app ?? name}.${namespace}`,
    ...(locality
      ? { locality: { region: locality.region, zone: locality.zone, sub_zone: locality.subzone } }
      : {}),
    metadata: {
      NAME: name,
      NAMESPACE: namespace,
      SERVICE_ACCOUNT: options.serviceAccount,
      LABELS: { ...labels },
      INSTANCE_IPS: ip,
      // Route tables in parts: a changed route is sent alone, and not with its whole table.
      VHDS: true,
      ...(options.interceptionMode ? { INTERCEPTION_MODE: options.interceptionMode } : {}),
    },
  };
}

function overAds(): JsonObject {
  // 0 s: wait for the control plane instead of going live without its answer.
  return { ads: {}, resource_api_version: "V3", initial_fetch_timeout: "0s" };
}

function xdsCluster({ xds, security }: BootstrapOptions): JsonObject {
  const isName = !/^[0-9.]+$|:/.test(xds.host);
  return {
    name: "xds-grpc",
    type: isName ? "STRICT_DNS" : "STATIC",
    connect_timeout: "1s",
    load_assignment: {
      cluster_name: "xds-grpc",
      endpoints: [{ lb_endpoints: [{ endpoint: { address: socketAddress(xds) } }] }],
    },
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": `${typePrefix}/envoy.extensions.upstreams.http.v3.HttpProtocolOptions`,
        // Without pings a half-open connection would leave the proxy on old configuration for hours.
        explicit_http_config: {
          http2_protocol_options: { connection_keepalive: { interval: "30s", timeout: "5s" } },
        },
      },
    },
    upstream_connection_options: {
      tcp_keepalive: { keepalive_probes: 3, keepalive_time: 30, keepalive_interval: 5 },
    },
    ...(security
      ? {
          transport_socket: {
            name: "envoy.transport_sockets.tls",
            typed_config: {
              "@type": `${typePrefix}/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext`,
              sni: security.serverName,
              common_tls_context: {
                alpn_protocols: ["h2"],
                tls_params: { tls_minimum_protocol_version: "TLSv1_2" },
                validation_context: {
                  trusted_ca: { inline_string: security.roots },
                  match_typed_subject_alt_names: [
                    { san_type: "DNS", matcher: { exact: security.serverName } },
                  ],
                },
              },
            },
          },
        }
      : {}),
  };
}

function socketAddress({ host, port }: HostPort): JsonObject {
  return { socket_address: { address: host, port_value: port } };
}
