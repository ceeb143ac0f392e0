// Who asked what and how it went, one line each: the plan's access log as Envoy's file or stream logger.

import { create, type JsonObject } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import {
  type AccessLog,
  AccessLogFilterSchema,
  AccessLogSchema,
  ResponseFlagFilterSchema,
} from "@envoyproxy/protos-ts/envoy/config/accesslog/v3/accesslog";
import { DataSourceSchema } from "@envoyproxy/protos-ts/envoy/config/core/v3/base";
import { TypedExtensionConfigSchema } from "@envoyproxy/protos-ts/envoy/config/core/v3/extension";
import {
  type SubstitutionFormatString,
  SubstitutionFormatStringSchema,
} from "@envoyproxy/protos-ts/envoy/config/core/v3/substitution_format_string";
import { FileAccessLogSchema } from "@envoyproxy/protos-ts/envoy/extensions/access_loggers/file/v3/file";
import {
  StderrAccessLogSchema,
  StdoutAccessLogSchema,
} from "@envoyproxy/protos-ts/envoy/extensions/access_loggers/stream/v3/stream";
import { ReqWithoutQuerySchema } from "@envoyproxy/protos-ts/envoy/extensions/formatter/req_without_query/v3/req_without_query";
import { share } from "#encoding";
import type { AccessLogPlan } from "../4-view/plan/listeners.ts";
import { memoizeByIdentity } from "../model/memo.ts";
import { packAny } from "./envoy-any.ts";

/** For the `access_log` field of a listener, a connection manager or a TCP proxy: none or one. */
export function accessLogs(plan: AccessLogPlan | undefined): AccessLog[] {
  return plan === undefined ? [] : [accessLog(plan)];
}

const accessLog = memoizeByIdentity((plan: AccessLogPlan): AccessLog => {
  const { name, config } = logger(plan.file, logFormat(plan));
  const log = create(AccessLogSchema, {
    name,
    ...(plan.onlyUnrouted && { filter: onlyUnrouted }),
    configType: { case: "typedConfig", value: config },
  });
  return share(log);
});

/**
 * The standard streams have loggers of their own, which write to the open descriptor. Opening `/dev/stdout` as a file
 * fails when it is a socket, as under a supervisor that reads it, and Envoy then refuses the listener.
 */
function logger(
  file: string,
  format: SubstitutionFormatString,
): { readonly name: string; readonly config: Any } {
  const accessLogFormat = { case: "logFormat", value: format } as const;
  switch (file) {
    case "/dev/stdout":
      return {
        name: "envoy.access_loggers.stdout",
        config: packAny(StdoutAccessLogSchema, create(StdoutAccessLogSchema, { accessLogFormat })),
      };
    case "/dev/stderr":
      return {
        name: "envoy.access_loggers.stderr",
        config: packAny(StderrAccessLogSchema, create(StderrAccessLogSchema, { accessLogFormat })),
      };
    default:
      return {
        name: "envoy.access_loggers.file",
        config: packAny(FileAccessLogSchema, create(FileAccessLogSchema, { path: file, accessLogFormat })),
      };
  }
}

const onlyUnrouted = create(AccessLogFilterSchema, {
  filterSpecifier: { case: "responseFlagFilter", value: create(ResponseFlagFilterSchema, { flags: ["NR"] }) },
});

/** What a text line and a JSON object have in common: Istio's fields and their Envoy operators. */
const fields = {
  authority: "%REQ(:AUTHORITY)%",
  bytes_received: "%BYTES_RECEIVED%",
  bytes_sent: "%BYTES_SENT%",
  connection_termination_details: "%CONNECTION_TERMINATION_DETAILS%",
  downstream_local_address: "%DOWNSTREAM_LOCAL_ADDRESS%",
  downstream_remote_address: "%DOWNSTREAM_REMOTE_ADDRESS%",
  duration: "%DURATION%",
  method: "%REQ(:METHOD)%",
  path: "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%",
  protocol: "%PROTOCOL%",
  request_id: "%REQ(X-REQUEST-ID)%",
  requested_server_name: "%REQUESTED_SERVER_NAME%",
  response_code: "%RESPONSE_CODE%",
  response_code_details: "%RESPONSE_CODE_DETAILS%",
  response_flags: "%RESPONSE_FLAGS%",
  route_name: "%ROUTE_NAME%",
  start_time: "%START_TIME%",
  upstream_cluster: "%UPSTREAM_CLUSTER_RAW%",
  upstream_host: "%UPSTREAM_HOST%",
  upstream_local_address: "%UPSTREAM_LOCAL_ADDRESS%",
  upstream_service_time: "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%",
  upstream_transport_failure_reason: "%UPSTREAM_TRANSPORT_FAILURE_REASON%",
  user_agent: "%REQ(USER-AGENT)%",
  x_forwarded_for: "%REQ(X-FORWARDED-FOR)%",
} as const;

/** Istio's line, field by field, so that log parsers written for it go on working. */
const defaultText = `${[
  `[${fields.start_time}]`,
  `"${fields.method} ${fields.path} ${fields.protocol}"`,
  fields.response_code,
  fields.response_flags,
  fields.response_code_details,
  fields.connection_termination_details,
  `"${fields.upstream_transport_failure_reason}"`,
  fields.bytes_received,
  fields.bytes_sent,
  fields.duration,
  fields.upstream_service_time,
  `"${fields.x_forwarded_for}"`,
  `"${fields.user_agent}"`,
  `"${fields.request_id}"`,
  `"${fields.authority}"`,
  `"${fields.upstream_host}"`,
  fields.upstream_cluster,
  fields.upstream_local_address,
  fields.downstream_local_address,
  fields.downstream_remote_address,
  fields.requested_server_name,
  fields.route_name,
].join(" ")}\n`;

function logFormat({ encoding, format }: AccessLogPlan): SubstitutionFormatString {
  return create(SubstitutionFormatStringSchema, {
    format:
      encoding === "TEXT"
        ? {
            case: "textFormatSource",
            value: create(DataSourceSchema, {
              specifier: { case: "inlineString", value: textFormat(format) },
            }),
          }
        : { case: "jsonFormat", value: jsonFormat(format) },
    formatters: format.includes("%REQ_WITHOUT_QUERY") ? [reqWithoutQuery] : [],
  });
}

/** The one operator in use with Istio that Envoy does not know by itself; `%CEL()%` and `%METADATA()%` it does. */
const reqWithoutQuery = create(TypedExtensionConfigSchema, {
  name: "envoy.formatter.req_without_query",
  typedConfig: packAny(ReqWithoutQuerySchema, create(ReqWithoutQuerySchema)),
});

/** A line without its end would run into the next one. */
function textFormat(format: string): string {
  if (format === "") return defaultText;
  return format.endsWith("\n") ? format : `${format}\n`;
}

/** As in Istio, a format that is no JSON object means the default fields. */
function jsonFormat(format: string): JsonObject {
  const parsed = parseObject(format);
  return parsed === undefined ? { ...fields } : sorted(parsed);
}

function parseObject(format: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(format);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function sorted(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.keys(object)
      .sort()
      .map((key) => {
        const value = object[key] ?? null;
        return [key, isObject(value) ? sorted(value) : value];
      }),
  );
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
