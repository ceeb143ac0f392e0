// What HTTP a cluster speaks and how its connections age, as Envoy's HttpProtocolOptions extension.

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type {
  HttpProtocolOptionsSchema as CommonOptionsSchema,
  Http2ProtocolOptionsSchema,
} from "@envoyproxy/protos-ts/envoy/config/core/v3/protocol";
import { HttpProtocolOptionsSchema } from "@envoyproxy/protos-ts/envoy/extensions/upstreams/http/v3/http_protocol_options";
import type { ClusterPlan } from "../../4-view/plan/index.ts";
import type { ConnectionPool } from "../../model/destination.ts";
import { packAny } from "../envoy-any.ts";

/** The key under which Envoy looks for these options in `typed_extension_protocol_options`. */
export const httpProtocolOptionsKey = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

/** Envoy demands a timeout wherever it pings; this is what a policy that names none gets. */
const defaultPingTimeoutMs = 10_000;

export type UpstreamProtocol = ClusterPlan["protocol"];

/** The plan's protocol after what the pool asks for: an upgrade to HTTP/2 wins over following the client. TCP stays TCP. */
export function upstreamProtocol(plan: ClusterPlan): UpstreamProtocol {
  const http = plan.connectionPool?.http;
  if (plan.protocol === "tcp") return "tcp";
  if (plan.direction === "outbound" && http?.h2Upgrade === "upgrade") return "http2";
  return http?.useClientProtocol ? "downstream" : plan.protocol;
}

/** Undefined when Envoy's defaults are what the plan wants: TCP without ageing. */
export function httpProtocolOptions(plan: ClusterPlan): Any | undefined {
  const protocol = upstreamProtocol(plan);
  const common = ageing(plan.connectionPool);
  if (protocol === "tcp" && common === undefined) return undefined;
  const names = protocol === "tcp" ? undefined : namesFromRequest(plan);
  return packAny(
    HttpProtocolOptionsSchema,
    create(HttpProtocolOptionsSchema, {
      ...(common && { commonHttpProtocolOptions: common }),
      ...(names && { upstreamHttpProtocolOptions: names }),
      upstreamProtocolOptions: protocolOptions(protocol, plan.connectionPool),
    }),
  );
}

function ageing(pool: ConnectionPool | undefined): MessageInitShape<typeof CommonOptionsSchema> | undefined {
  const idleMs = pool?.http.idleTimeoutMs ?? pool?.tcp.idleTimeoutMs;
  const maxMs = pool?.tcp.maxConnectionDurationMs;
  const maxRequests = pool?.http.maxRequestsPerConnection;
  if (idleMs === undefined && maxMs === undefined && maxRequests === undefined) return undefined;
  return {
    ...(idleMs === undefined ? {} : { idleTimeout: durationFromMs(idleMs) }),
    ...(maxMs === undefined ? {} : { maxConnectionDuration: durationFromMs(maxMs) }),
    ...(maxRequests === undefined ? {} : { maxRequestsPerConnection: maxRequests }),
  };
}

/** SNI, and the name that the certificate must carry, come from the request when the policy names neither. */
function namesFromRequest(plan: ClusterPlan) {
  // Envoy insists on both for hosts that requests name, although connections to these are not encrypted.
  if (plan.discovery.type === "named-by-request") return { autoSni: true, autoSanValidation: true };
  if (plan.tls.type !== "external" || plan.tls.sni !== undefined) return undefined;
  const checksName = plan.tls.sans.length === 0 && !plan.tls.insecureSkipVerify;
  return { autoSni: true, autoSanValidation: checksName };
}

function protocolOptions(
  protocol: UpstreamProtocol,
  pool: ConnectionPool | undefined,
): NonNullable<MessageInitShape<typeof HttpProtocolOptionsSchema>["upstreamProtocolOptions"]> {
  switch (protocol) {
    case "tcp":
    case "http1":
      return {
        case: "explicitHttpConfig",
        value: { protocolConfig: { case: "httpProtocolOptions", value: {} } },
      };
    case "http2":
      return {
        case: "explicitHttpConfig",
        value: { protocolConfig: { case: "http2ProtocolOptions", value: http2Options(pool) } },
      };
    case "downstream":
      return {
        case: "useDownstreamProtocolConfig",
        value: { httpProtocolOptions: {}, http2ProtocolOptions: http2Options(pool) },
      };
  }
}

function http2Options(pool: ConnectionPool | undefined): MessageInitShape<typeof Http2ProtocolOptionsSchema> {
  const streams = pool?.http.maxConcurrentStreams;
  const keepalive = pool?.http.http2Keepalive;
  return {
    ...(streams === undefined ? {} : { maxConcurrentStreams: streams }),
    ...(keepalive && {
      connectionKeepalive: {
        interval: durationFromMs(keepalive.intervalMs),
        timeout: durationFromMs(keepalive.timeoutMs ?? defaultPingTimeoutMs),
      },
    }),
  };
}
