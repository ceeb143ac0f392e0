// What a sidecar listens for on behalf of its own workload.

import type { ScopeIngress } from "../../model/scope.ts";
import { checkUnixAddress, isUnixAddress, readBind } from "../shared/bind-address.ts";
import { readConnectionPool } from "../shared/connection-pool.ts";
import {
  at,
  compact,
  isSet,
  originAt,
  type Place,
  readFlag,
  readItems,
  readText,
  report,
  reportMissing,
  setFields,
} from "../shared/place.ts";
import { isPort } from "../shared/port.ts";
import { isHttp, isTls } from "../shared/protocol.ts";
import { readServerTls } from "../shared/server-tls.ts";
import { readCaptureMode, readScopePort } from "./ports.ts";

export function readIngress(place: Place): readonly ScopeIngress[] {
  const ports = new Set<number>();
  return readItems(place).map((item) => {
    const ingress = readListener(item);
    const { number } = ingress.port;
    if (number !== 0 && ports.has(number)) {
      report(
        at(item, "port", "number"),
        "duplicate-value",
        `another ingress listener has port ${number} already`,
      );
    }
    ports.add(number);
    return ingress;
  });
}

function readListener(place: Place): ScopeIngress {
  if (!isSet(at(place, "port"))) reportMissing(place, "port");
  const port = readScopePort(at(place, "port"), false);
  const bind = readBind(at(place, "bind"));
  if (bind !== undefined && isUnixAddress(bind)) {
    report(
      at(place, "bind"),
      "invalid-address",
      "an ingress listener cannot bind a socket in the file system",
    );
  }
  const connectionPool = readConnectionPool(at(place, "connectionPool"));
  const httpPool = at(place, "connectionPool", "http");
  if (isSet(httpPool) && port.protocol !== "auto" && !isHttp(port.protocol)) {
    const message = `port ${port.number} is not HTTP, so that only the TCP settings of its pool apply`;
    report(httpPool, "ineffective-field", message);
  }
  checkTls(at(place, "tls"));
  return compact<ScopeIngress>({
    port,
    bind,
    captureMode: readCaptureMode(at(place, "captureMode")),
    defaultEndpoint: readDefaultEndpoint(at(place, "defaultEndpoint")),
    tls: readServerTls(at(place, "tls"), isTls(port.protocol)),
    connectionPool,
    origin: originAt(place),
  });
}

const endpointHosts: readonly string[] = ["", "127.0.0.1", "0.0.0.0", "[::1]", "[::]"];

/** `host:port` on the workload itself, or a socket. */
function readDefaultEndpoint(place: Place): string | undefined {
  const text = readText(place);
  if (text === undefined) return undefined;
  if (isUnixAddress(text)) return checkUnixAddress(place, text) ? text : undefined;
  const colon = text.lastIndexOf(":");
  const host = text.slice(0, Math.max(colon, 0));
  const port = Number(text.slice(colon + 1));
  if (colon === -1 || !endpointHosts.includes(host)) {
    const help = "write 127.0.0.1:port, 0.0.0.0:port, [::1]:port, [::]:port or unix://path";
    report(place, "invalid-address", `"${text}" is not an address of the workload itself`, help);
    return undefined;
  }
  if (!isPort(port)) report(place, "invalid-port", `"${text.slice(colon + 1)}" is not a port`);
  return host === "" ? `127.0.0.1:${port}` : text;
}

/** What upstream does not allow in the TLS block of a sidecar. */
function checkTls(place: Place): void {
  for (const field of setFields(place, ["subjectAltNames", "credentialName", "credentialNames"])) {
    report(at(place, field), "conflicting-fields", `"${field}" is not supported for a sidecar's ingress`);
  }
  if (readFlag(at(place, "httpsRedirect")) === true) {
    report(
      at(place, "httpsRedirect"),
      "conflicting-fields",
      `"httpsRedirect" is not supported for a sidecar's ingress`,
    );
  }
  const mode = readText(at(place, "mode"));
  if (mode === "ISTIO_MUTUAL" || mode === "AUTO_PASSTHROUGH") {
    report(at(place, "mode"), "invalid-value", `mode ${mode} is not possible for a sidecar's ingress`);
  }
}
