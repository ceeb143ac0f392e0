// The commands of Envoy's substitution format (`%COMMAND(argument):length%`), as header values and access logs use it.
// Names and rules are those of Envoy 1.40: one that it does not know makes it refuse the whole resource.

/** Where the text goes: a few commands exist in one place only. */
export type FormatPlace = "header" | "access-log";

interface CommandRule {
  readonly argument: "none" | "optional" | "needed" | "header-name";
  readonly length: boolean;
  /** Absent: everywhere. */
  readonly only?: FormatPlace;
}

const rules: ReadonlyMap<string, CommandRule> = new Map([
  ...each(
    { argument: "none", length: false },
    `
  ACCESS_LOG_TYPE BYTES_RECEIVED BYTES_RETRANSMITTED BYTES_SENT CONNECTION_ID
  CONNECTION_TERMINATION_DETAILS CUSTOM_FLAGS DOWNSTREAM_CX_RTT
  DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_SENT
  DOWNSTREAM_DETECTED_CLOSE_TYPE DOWNSTREAM_DIRECT_LOCAL_ADDRESS
  DOWNSTREAM_DIRECT_LOCAL_ADDRESS_ENDPOINT_ID DOWNSTREAM_DIRECT_LOCAL_PORT
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS DOWNSTREAM_DIRECT_REMOTE_PORT DOWNSTREAM_HANDSHAKE_DURATION
  DOWNSTREAM_HEADER_BYTES_RECEIVED DOWNSTREAM_HEADER_BYTES_SENT DOWNSTREAM_LOCAL_ADDRESS
  DOWNSTREAM_LOCAL_ADDRESS_ENDPOINT_ID DOWNSTREAM_LOCAL_CLOSE_REASON DOWNSTREAM_LOCAL_DNS_SAN
  DOWNSTREAM_LOCAL_EMAIL_SAN DOWNSTREAM_LOCAL_IP_SAN DOWNSTREAM_LOCAL_OTHERNAME_SAN
  DOWNSTREAM_LOCAL_PORT DOWNSTREAM_LOCAL_SUBJECT DOWNSTREAM_LOCAL_URI_SAN DOWNSTREAM_PEER_CERT
  DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_1 DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_256
  DOWNSTREAM_PEER_CHAIN_SERIALS DOWNSTREAM_PEER_DNS_SAN DOWNSTREAM_PEER_EMAIL_SAN
  DOWNSTREAM_PEER_FINGERPRINT_1 DOWNSTREAM_PEER_FINGERPRINT_256 DOWNSTREAM_PEER_IP_SAN
  DOWNSTREAM_PEER_ISSUER DOWNSTREAM_PEER_ISSUER_FINGERPRINT_256 DOWNSTREAM_PEER_ISSUER_SERIAL
  DOWNSTREAM_PEER_OTHERNAME_SAN DOWNSTREAM_PEER_SERIAL DOWNSTREAM_PEER_SUBJECT
  DOWNSTREAM_PEER_URI_SAN DOWNSTREAM_REMOTE_ADDRESS DOWNSTREAM_REMOTE_PORT DOWNSTREAM_TLS_CIPHER
  DOWNSTREAM_TLS_GROUP DOWNSTREAM_TLS_SESSION_ID DOWNSTREAM_TLS_VERSION
  DOWNSTREAM_TRANSPORT_FAILURE_REASON DOWNSTREAM_WIRE_BYTES_RECEIVED DOWNSTREAM_WIRE_BYTES_SENT
  DURATION FILTER_CHAIN_NAME GRPC_STATUS_NUMBER HOSTNAME LISTENER_NAME LOCAL_REPLY_BODY
  PACKETS_RETRANSMITTED PROTOCOL REQUEST_DURATION REQUEST_HEADERS_BYTES REQUEST_TX_DURATION
  RESPONSE_CODE RESPONSE_DURATION RESPONSE_FLAGS RESPONSE_FLAGS_LONG RESPONSE_HEADERS_BYTES
  RESPONSE_TRAILERS_BYTES RESPONSE_TX_DURATION ROUNDTRIP_DURATION ROUTE_NAME ROUTE_RESOLUTION_COUNT
  ROUTE_RESOLUTION_TIME_US SPAN_ID STREAM_ID TLS_JA3_FINGERPRINT TLS_JA4_FINGERPRINT TRACE_ID
  UNIQUE_ID UPSTREAM_CLUSTER UPSTREAM_CLUSTER_RAW UPSTREAM_CONNECTION_ID
  UPSTREAM_CONNECTION_IDS_ATTEMPTED UPSTREAM_CONNECTION_POOL_READY_DURATION
  UPSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED UPSTREAM_DECOMPRESSED_HEADER_BYTES_SENT
  UPSTREAM_DETECTED_CLOSE_TYPE UPSTREAM_HEADER_BYTES_RECEIVED UPSTREAM_HEADER_BYTES_SENT
  UPSTREAM_HOST UPSTREAM_HOSTS_ATTEMPTED UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT UPSTREAM_HOST_NAME
  UPSTREAM_HOST_NAMES_ATTEMPTED UPSTREAM_HOST_NAMES_ATTEMPTED_WITHOUT_PORT
  UPSTREAM_HOST_NAME_WITHOUT_PORT UPSTREAM_LOCAL_ADDRESS UPSTREAM_LOCAL_CLOSE_REASON
  UPSTREAM_LOCAL_DNS_SAN UPSTREAM_LOCAL_IP_SAN UPSTREAM_LOCAL_PORT UPSTREAM_LOCAL_URI_SAN
  UPSTREAM_PEER_CERT UPSTREAM_PEER_DNS_SAN UPSTREAM_PEER_IP_SAN UPSTREAM_PEER_ISSUER
  UPSTREAM_PEER_SUBJECT UPSTREAM_PEER_URI_SAN UPSTREAM_PROTOCOL UPSTREAM_REMOTE_ADDRESS
  UPSTREAM_REMOTE_ADDRESS_ENDPOINT_ID UPSTREAM_REMOTE_PORT UPSTREAM_REQUEST_ATTEMPT_COUNT
  UPSTREAM_SERVER_NAME UPSTREAM_TLS_CIPHER UPSTREAM_TLS_GROUP UPSTREAM_TLS_SESSION_ID
  UPSTREAM_TLS_VERSION UPSTREAM_TRANSPORT_FAILURE_REASON UPSTREAM_WIRE_BYTES_RECEIVED
  UPSTREAM_WIRE_BYTES_SENT VIRTUAL_CLUSTER_NAME
  `,
  ),
  ...each(
    { argument: "optional", length: false },
    `
  DOWNSTREAM_DIRECT_LOCAL_ADDRESS_WITHOUT_PORT DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT
  DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT DOWNSTREAM_PEER_CERT_V_END DOWNSTREAM_PEER_CERT_V_START
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT EMIT_TIME EMIT_TIME_LOCAL GRPC_STATUS REQUESTED_SERVER_NAME
  RESPONSE_CODE_DETAILS START_TIME START_TIME_LOCAL UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT
  UPSTREAM_PEER_CERT_V_END UPSTREAM_PEER_CERT_V_START UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT
  `,
  ),
  ...each({ argument: "optional", length: true }, "PATH QUERY_PARAMS"),
  ...each({ argument: "needed", length: false }, "CLUSTER_METADATA COMMON_DURATION UPSTREAM_METADATA"),
  ...each(
    { argument: "needed", length: true },
    `
  CEL COALESCE DYNAMIC_METADATA ENVIRONMENT FILTER_STATE METADATA QUERY_PARAM TYPED_CEL
  UPSTREAM_FILTER_STATE
  `,
  ),
  ...each(
    { argument: "header-name", length: true },
    `
  REQ REQUEST_HEADER RESP RESPONSE_HEADER RESPONSE_TRAILER TRAILER
  `,
  ),
  ...each({ argument: "needed", length: true, only: "header" }, "PER_REQUEST_STATE"),
  // An extension of Envoy's, which comes with access logs that use it.
  ...each({ argument: "optional", length: true, only: "access-log" }, "REQ_WITHOUT_QUERY"),
]);

/** As Envoy finds them: the argument ends at the first `)` after which the command can end. */
const command = /%(?:%|([A-Z0-9_]+)(?:\((.*?)\))?(:\d+)?%)/g;

/** `x-first?x-second`: RFC 9110's token characters, and the colon of a pseudo-header. */
const headerNames = /^:?[\w!#$%&'*+.^`|~-]*(?:\?:?[\w!#$%&'*+.^`|~-]*)?$/;

/** Why Envoy would refuse the text; undefined when it would not. What most commands make of their argument is not judged. */
export function faultOfFormat(text: string, place: FormatPlace): string | undefined {
  if (text.replaceAll(command, "").includes("%")) {
    return `it has a "%" that begins no command; write "%%" for a percent sign`;
  }
  for (const [, name, argument = "", length] of text.matchAll(command)) {
    const fault =
      name === undefined ? undefined : faultOfCommand(name, argument, length !== undefined, place);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOfCommand(
  name: string,
  argument: string,
  hasLength: boolean,
  place: FormatPlace,
): string | undefined {
  const rule = rules.get(name);
  if (rule === undefined) return `Envoy has no command ${name}`;
  if (rule.only !== undefined && rule.only !== place) return `Envoy has no command ${name} ${here[place]}`;
  if (hasLength && !rule.length) return `the command ${name} takes no length`;
  switch (rule.argument) {
    case "none":
      return argument === "" ? undefined : `the command ${name} takes no argument`;
    case "optional":
      return undefined;
    case "needed":
      return argument === "" ? `the command ${name} needs an argument: %${name}(...)%` : undefined;
    case "header-name":
      if (argument === "") return `the command ${name} needs the name of a header: %${name}(...)%`;
      return headerNames.test(argument)
        ? undefined
        : `"${argument}" is not the name of a header, or two of them with a "?" between`;
  }
}

const here: Readonly<Record<FormatPlace, string>> = {
  header: "for headers",
  "access-log": "for access logs",
};

function each(rule: CommandRule, names: string): readonly (readonly [string, CommandRule])[] {
  return names
    .trim()
    .split(/\s+/)
    .map((name) => [name, rule]);
}
