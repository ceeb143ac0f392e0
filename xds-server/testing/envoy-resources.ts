// Resources that a real Envoy can use, and the bootstrap that points it at a server under test.

import { create, type DescMessage, type Message } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { Cluster_DiscoveryType, ClusterSchema } from "@envoyproxy/protos-ts/envoy/config/cluster/v3/cluster";
import { ApiVersion } from "@envoyproxy/protos-ts/envoy/config/core/v3/config_source";
import { ClusterLoadAssignmentSchema } from "@envoyproxy/protos-ts/envoy/config/endpoint/v3/endpoint";
import { ListenerSchema } from "@envoyproxy/protos-ts/envoy/config/listener/v3/listener";
import { RouteConfigurationSchema } from "@envoyproxy/protos-ts/envoy/config/route/v3/route";
import { VirtualHostSchema } from "@envoyproxy/protos-ts/envoy/config/route/v3/route_components";
import { RouterSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/http/router/v3/router";
import { HttpConnectionManagerSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import { SecretSchema } from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/secret";
import { DownstreamTlsContextSchema } from "@envoyproxy/protos-ts/envoy/extensions/transport_sockets/tls/v3/tls";
import type { EmittedResource } from "../cache/resource.ts";
import { typeUrls } from "../cache/resource-types.ts";

const ads = {
  configSourceSpecifier: { case: "ads", value: {} },
  resourceApiVersion: ApiVersion.V3,
} as const;

/** `from` is the `file:line` of the object behind it. */
function emitted<S extends DescMessage>(
  typeUrl: string,
  name: string,
  schema: S,
  message: Message,
  from = `${name}.yaml:1`,
): EmittedResource {
  const [file = "", line = "1"] = from.split(":");
  const position = { file, line: Number(line), column: 1 };
  return {
    typeUrl,
    name,
    schema,
    message,
    origins: [{ kind: "Test", namespace: "default", name, position }],
  };
}

/** An EDS cluster. One with a minimum ring above its maximum is refused by Envoy. */
export function cluster(
  name: string,
  options: { readonly invalid?: boolean; readonly seconds?: number } = {},
) {
  const message = create(ClusterSchema, {
    name,
    connectTimeout: { seconds: BigInt(options.seconds ?? 1) },
    clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.EDS },
    edsClusterConfig: { edsConfig: ads },
    ...(options.invalid && {
      lbConfig: { case: "ringHashLbConfig", value: { minimumRingSize: 9n, maximumRingSize: 3n } },
      lbPolicy: 2,
    }),
  });
  return emitted(typeUrls.cluster, name, ClusterSchema, message);
}

/** Endpoints on loopback. */
export function endpoints(name: string, ...ports: readonly number[]): EmittedResource {
  const lbEndpoints = ports.map((portValue) => ({
    hostIdentifier: {
      case: "endpoint" as const,
      value: { address: socketAddress(portValue) },
    },
  }));
  const message = create(ClusterLoadAssignmentSchema, { clusterName: name, endpoints: [{ lbEndpoints }] });
  return emitted(typeUrls.endpoints, name, ClusterLoadAssignmentSchema, message);
}

function socketAddress(portValue: number) {
  return {
    address: {
      case: "socketAddress" as const,
      value: { address: "127.0.0.1", portSpecifier: { case: "portValue" as const, value: portValue } },
    },
  };
}

/** An HTTP listener on a free port with routes by RDS; with a secret's name, TLS by SDS. */
export function listener(name: string, routes: string, secret?: string): EmittedResource {
  const manager = create(HttpConnectionManagerSchema, {
    statPrefix: name,
    routeSpecifier: { case: "rds", value: { routeConfigName: routes, configSource: ads } },
    httpFilters: [
      {
        name: "router",
        configType: { case: "typedConfig", value: anyPack(RouterSchema, create(RouterSchema)) },
      },
    ],
  });
  const tls = create(DownstreamTlsContextSchema, {
    commonTlsContext: { tlsCertificateSdsSecretConfigs: [{ name: secret ?? "", sdsConfig: ads }] },
  });
  const message = create(ListenerSchema, {
    name,
    address: socketAddress(0),
    filterChains: [
      {
        filters: [
          {
            name: "http",
            configType: { case: "typedConfig", value: anyPack(HttpConnectionManagerSchema, manager) },
          },
        ],
        ...(secret !== undefined && {
          transportSocket: {
            name: "tls",
            configType: { case: "typedConfig", value: anyPack(DownstreamTlsContextSchema, tls) },
          },
        }),
      },
    ],
  });
  return emitted(typeUrls.listener, name, ListenerSchema, message);
}

/** One virtual host for everything, to one cluster. With the same domain twice it is refused by Envoy. */
export function routes(
  name: string,
  to: string,
  options: { readonly invalid?: boolean; readonly from?: string } = {},
) {
  const host = (id: string) => ({
    name: id,
    domains: ["*"],
    routes: [
      {
        match: { pathSpecifier: { case: "prefix" as const, value: "/" } },
        action: {
          case: "route" as const,
          value: { clusterSpecifier: { case: "cluster" as const, value: to } },
        },
      },
    ],
  });
  const virtualHosts = options.invalid ? [host("first"), host("second")] : [host("first")];
  const message = create(RouteConfigurationSchema, { name, virtualHosts });
  return emitted(typeUrls.routes, name, RouteConfigurationSchema, message, options.from);
}

/** A table that discovers its virtual hosts. */
export function tableOfHosts(name: string): EmittedResource {
  const message = create(RouteConfigurationSchema, { name, vhds: { configSource: ads } });
  return emitted(typeUrls.routes, name, RouteConfigurationSchema, message);
}

/** A virtual host of its own, `<table>/<host>`, for one domain. With a path expression that does not parse it is refused. */
export function host(
  name: string,
  domain: string,
  to: string,
  options: { readonly invalid?: boolean; readonly from?: string } = {},
): EmittedResource {
  const match = options.invalid
    ? { pathSpecifier: { case: "safeRegex" as const, value: { regex: "(" } } }
    : { pathSpecifier: { case: "prefix" as const, value: "/" } };
  const value = { clusterSpecifier: { case: "cluster" as const, value: to } };
  const routes = [{ match, action: { case: "route" as const, value } }];
  const message = create(VirtualHostSchema, { name, domains: [domain], routes });
  return emitted(typeUrls.virtualHosts, name, VirtualHostSchema, message, options.from);
}

/** A key pair. */
export function keyPair(name: string, pair: { readonly certificate: string; readonly privateKey: string }) {
  const inline = (value: string) => ({ specifier: { case: "inlineString" as const, value } });
  const message = create(SecretSchema, {
    name,
    type: {
      case: "tlsCertificate",
      value: { certificateChain: inline(pair.certificate), privateKey: inline(pair.privateKey) },
    },
  });
  return emitted(typeUrls.secret, name, SecretSchema, message);
}

export interface BootstrapOptions {
  readonly port: number;
  /** PEM of the root that the server's certificate chains to; without it the channel is plaintext. */
  readonly root?: string;
  readonly bearerToken?: string;
  /** Default `app`. */
  readonly name?: string;
  /** Default the incremental variant. */
  readonly api?: "DELTA_GRPC" | "GRPC";
  /** Default false. */
  readonly discoversHosts?: boolean;
}

/** An Envoy that takes everything over delta ADS. */
export function adsBootstrap({
  port,
  root,
  bearerToken,
  name = "app",
  api = "DELTA_GRPC",
  discoversHosts = false,
}: BootstrapOptions): string {
  const source = { ads: {}, resource_api_version: "V3" };
  const http2 = {
    "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
    explicit_http_config: { http2_protocol_options: {} },
  };
  const tls = {
    "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
    sni: "localhost",
    common_tls_context: {
      alpn_protocols: ["h2"],
      validation_context: { trusted_ca: { inline_string: root ?? "" } },
    },
  };
  const metadata = { key: "authorization", value: `Bearer ${bearerToken}` };
  return JSON.stringify({
    node: {
      id: `sidecar~127.0.0.1~${name}.default~default.svc.cluster.local`,
      cluster: name,
      metadata: { VHDS: discoversHosts },
    },
    admin: { address: { socket_address: { address: "127.0.0.1", port_value: 0 } } },
    dynamic_resources: {
      ads_config: {
        api_type: api,
        transport_api_version: "V3",
        set_node_on_first_message_only: true,
        grpc_services: [
          {
            envoy_grpc: { cluster_name: "xds-grpc" },
            ...(bearerToken !== undefined && { initial_metadata: [metadata] }),
          },
        ],
      },
      cds_config: source,
      lds_config: source,
    },
    static_resources: {
      clusters: [
        {
          name: "xds-grpc",
          type: "STATIC",
          typed_extension_protocol_options: {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": http2,
          },
          ...(root !== undefined && { transport_socket: { name: "tls", typed_config: tls } }),
          load_assignment: {
            cluster_name: "xds-grpc",
            endpoints: [
              {
                lb_endpoints: [
                  { endpoint: { address: { socket_address: { address: "127.0.0.1", port_value: port } } } },
                ],
              },
            ],
          },
        },
      ],
    },
  });
}
