import { fromBinary } from "@bufbuild/protobuf";
import type { SubstitutionFormatString } from "@envoyproxy/protos-ts/envoy/config/core/v3/substitution_format_string";
import { FileAccessLogSchema } from "@envoyproxy/protos-ts/envoy/extensions/access_loggers/file/v3/file";
import test from "ava";
import type { AccessLogPlan } from "../4-view/plan/listeners.ts";
import { accessLogs } from "./access-log.ts";
import { accessLog } from "./listeners/listener-plan-builder.ts";

function formatOf(parts: Partial<AccessLogPlan>): SubstitutionFormatString {
  const [log] = accessLogs(accessLog({ file: "/var/log/access", ...parts }));
  if (log?.configType.case !== "typedConfig") throw new Error("no log");
  const { accessLogFormat } = fromBinary(FileAccessLogSchema, log.configType.value.value);
  if (accessLogFormat.case !== "logFormat") throw new Error("no format");
  return accessLogFormat.value;
}

function textOf(format: string): string | undefined {
  const { format: emitted } = formatOf({ format });
  return emitted.case === "textFormatSource" && emitted.value.specifier.case === "inlineString"
    ? emitted.value.specifier.value
    : undefined;
}

function jsonOf(format: string): unknown {
  const { format: emitted } = formatOf({ format, encoding: "JSON" });
  return emitted.case === "jsonFormat" ? emitted.value : undefined;
}

test("no plan, no log", (t) => {
  t.deepEqual(accessLogs(undefined), []);
});

test("the standard streams are not opened as files", (t) => {
  const nameFor = (file: string) => accessLogs(accessLog({ file }))[0]?.name;
  t.is(nameFor("/dev/stdout"), "envoy.access_loggers.stdout");
  t.is(nameFor("/dev/stderr"), "envoy.access_loggers.stderr");
  t.is(nameFor("/var/log/access"), "envoy.access_loggers.file");
});

test("every text format ends its line", (t) => {
  t.is(textOf("%PROTOCOL%"), "%PROTOCOL%\n");
  t.is(textOf("%PROTOCOL%\n"), "%PROTOCOL%\n");
});

test("the default line is Istio's", (t) => {
  t.is(
    textOf(""),
    '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% ' +
      "%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% " +
      '"%UPSTREAM_TRANSPORT_FAILURE_REASON%" %BYTES_RECEIVED% %BYTES_SENT% %DURATION% ' +
      '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" ' +
      '"%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER_RAW% ' +
      "%UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% " +
      "%REQUESTED_SERVER_NAME% %ROUTE_NAME%\n",
  );
});

test("JSON: the object as written with its keys in order, the default fields for anything else", (t) => {
  const written = jsonOf('{"b":"%PROTOCOL%","a":{"d":1,"c":[true,null]}}');
  t.is(JSON.stringify(written), '{"a":{"c":[true,null],"d":1},"b":"%PROTOCOL%"}');
  for (const format of ["", "[1]", "{oops"]) t.like(jsonOf(format), { method: "%REQ(:METHOD)%" });
});

test("an extension is named only where its operator is used", (t) => {
  t.deepEqual(formatOf({ format: "%CEL(request.path)%" }).formatters, []);
  t.deepEqual(
    formatOf({ format: "%REQ_WITHOUT_QUERY(:PATH)%" }).formatters.map(({ name }) => name),
    ["envoy.formatter.req_without_query"],
  );
});
