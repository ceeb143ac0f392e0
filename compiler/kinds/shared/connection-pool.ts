// Connection pool settings: the same block in destination rules, sidecar scopes and the mesh's defaults.

import type { ConnectionPool } from "../../model/destination.ts";
import { readDuration } from "./duration.ts";
import type { FieldTable } from "./field-table.ts";
import { at, compact, isSet, type Place, readChoice, readFlag, readWhole, report } from "./place.ts";

export const connectionPoolFields: FieldTable = {
  tcp: {
    maxConnections: "yes",
    connectTimeout: "yes",
    tcpKeepalive: { probes: "yes", time: "yes", interval: "yes" },
    maxConnectionDuration: "yes",
    idleTimeout: "yes",
  },
  http: {
    http1MaxPendingRequests: "yes",
    http2MaxRequests: "yes",
    maxRequestsPerConnection: "yes",
    maxRetries: "yes",
    idleTimeout: "yes",
    h2UpgradePolicy: "yes",
    useClientProtocol: "yes",
    maxConcurrentStreams: "yes",
    http2KeepAlive: { interval: "yes", timeout: "yes" },
  },
};

const upgrades: Readonly<Record<string, ConnectionPool["http"]["h2Upgrade"]>> = {
  DEFAULT: "default",
  DO_NOT_UPGRADE: "do-not-upgrade",
  UPGRADE: "upgrade",
};

/** Undefined when nothing is written. 0 stands for Envoy's own limit, as upstream. */
export function readConnectionPool(place: Place): ConnectionPool | undefined {
  if (!isSet(place)) return undefined;
  if (!isSet(at(place, "tcp")) && !isSet(at(place, "http"))) {
    report(place, "invalid-value", `"${String(place.path.at(-1))}" sets neither "tcp" nor "http"`);
  }
  return { tcp: readTcp(at(place, "tcp")), http: readHttp(at(place, "http")) };
}

function readTcp(tcp: Place): ConnectionPool["tcp"] {
  return compact<ConnectionPool["tcp"]>({
    maxConnections: readLimit(at(tcp, "maxConnections")),
    connectTimeoutMs: readDuration(at(tcp, "connectTimeout")),
    keepalive: readTcpKeepalive(at(tcp, "tcpKeepalive")),
    maxConnectionDurationMs: readDuration(at(tcp, "maxConnectionDuration")),
    idleTimeoutMs: readDuration(at(tcp, "idleTimeout")),
  });
}

/** Undefined when nothing is written; the operating system's values where a field is absent. */
export function readTcpKeepalive(place: Place): ConnectionPool["tcp"]["keepalive"] {
  if (!isSet(place)) return undefined;
  return compact<NonNullable<ConnectionPool["tcp"]["keepalive"]>>({
    probes: readLimit(at(place, "probes")),
    timeMs: readDuration(at(place, "time")),
    intervalMs: readDuration(at(place, "interval")),
  });
}

function readHttp(http: Place): ConnectionPool["http"] {
  const h2Upgrade = readChoice(at(http, "h2UpgradePolicy"), upgrades) ?? "default";
  const useClientProtocol = readFlag(at(http, "useClientProtocol")) ?? false;
  if (h2Upgrade === "upgrade" && useClientProtocol) {
    report(
      at(http, "useClientProtocol"),
      "conflicting-fields",
      `"useClientProtocol" cannot be true when "h2UpgradePolicy" is UPGRADE`,
    );
  }
  return compact<ConnectionPool["http"]>({
    maxPendingRequests: readLimit(at(http, "http1MaxPendingRequests")),
    maxRequests: readLimit(at(http, "http2MaxRequests")),
    maxRequestsPerConnection: readLimit(at(http, "maxRequestsPerConnection")),
    maxRetries: readLimit(at(http, "maxRetries")),
    idleTimeoutMs: readDuration(at(http, "idleTimeout")),
    h2Upgrade,
    useClientProtocol,
    maxConcurrentStreams: readLimit(at(http, "maxConcurrentStreams")),
    http2Keepalive: readHttp2Keepalive(at(http, "http2KeepAlive")),
  });
}

function readHttp2Keepalive(place: Place): ConnectionPool["http"]["http2Keepalive"] {
  if (!isSet(place)) return undefined;
  const intervalMs = readDuration(at(place, "interval"));
  const timeoutMs = readDuration(at(place, "timeout"));
  if (intervalMs === undefined) {
    const message = `"http2KeepAlive" has no effect without "interval"`;
    if (!isSet(at(place, "interval"))) report(place, "ineffective-field", message);
    return undefined;
  }
  return timeoutMs === undefined ? { intervalMs } : { intervalMs, timeoutMs };
}

function readLimit(place: Place): number | undefined {
  return readWhole(place) || undefined;
}
