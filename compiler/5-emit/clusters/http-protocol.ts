// What HTTP a cluster speaks and how its connections age, as Envoy's HttpProtocolOptions extension.

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type {
  HttpProtocolOptionsSchema as CommonOptionsSchema,
  Http2ProtocolOptionsSchema,
} from "@envoyproxy/protos-ts/envoy/config/core/v3/protocol";
import { HttpProtocolOptionsSchema } from "@envoyproxy/protos-ts/envoy/extensions/upstreams/http/v3/http_protocol_options";
import { share } from "#encoding";
import type { ClusterPlan } from "../../4-view/plan/index.ts";
import type { ConnectionPool } from "../../model/destination.ts";
import { memoizeByIdentity } from "../../model/memo.ts";
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

/** Undefined when Envoy's defaults are what the plan wants: TCP without ageing and without TLS for the hosts of requests. */
export function httpProtocolOptions(plan: ClusterPlan): Any | undefined {
  return options(upstreamProtocol(plan), namesFromRequest(plan), plan.connectionPool);
}

/** The same for all clusters under the same policy. */
const options = memoizeByIdentity(
  (
    protocol: UpstreamProtocol,
    names: NamesFromRequest,
    pool: ConnectionPool | undefined,
  ): Any | undefined => {
    const common = ageing(pool);
    // Also on a port of TCP or HTTPS: an HTTP route may lead there, so that its requests are sent on in TLS.
    const isNamed = names !== "none";
    if (protocol === "tcp" && common === undefined && !isNamed) return undefined;
    const message = create(HttpProtocolOptionsSchema, {
      ...(common && { commonHttpProtocolOptions: common }),
      ...(isNamed && {
        upstreamHttpProtocolOptions: { autoSni: true, autoSanValidation: names === "checked" },
      }),
      upstreamProtocolOptions: protocolOptions(protocol, pool),
    });
    return share(packAny(HttpProtocolOptionsSchema, message));
  },
);

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

/** Whether SNI is the name in the request, and whether the certificate must carry that name as well. */
type NamesFromRequest = "none" | "unchecked" | "checked";

/** They come from the request when the policy names neither. */
function namesFromRequest(plan: ClusterPlan): NamesFromRequest {
  // Envoy insists on both for hosts that requests name, although connections to these are not encrypted.
  if (plan.discovery.type === "named-by-request") return "checked";
  if (plan.tls.type !== "external" || plan.tls.sni !== undefined) return "none";
  return plan.tls.sans.length === 0 && !plan.tls.insecureSkipVerify ? "checked" : "unchecked";
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
