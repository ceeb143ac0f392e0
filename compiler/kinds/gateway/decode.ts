// A Gateway as what the proxies it selects listen for.

import type { RawObject } from "../../1-parse/index.ts";
import type { Fact } from "../../model/fact.ts";
import type { GatewayConfig, GatewayServer } from "../../model/gateway.ts";
import { isDnsLabel } from "../../model/names.ts";
import type { Reader } from "../kind.ts";
import { isUnixAddress, readBind } from "../shared/bind-address.ts";
import { readLabels } from "../shared/labels.ts";
import {
  at,
  compact,
  isSet,
  originAt,
  type Place,
  readItems,
  readNumber,
  readText,
  report,
  reportMissing,
  setFields,
  specOf,
} from "../shared/place.ts";
import { readPort } from "../shared/port.ts";
import { isHttp, isTls, readProtocol } from "../shared/protocol.ts";
import { readScopedHost } from "../shared/scoped-host.ts";
import { readServerTls } from "../shared/server-tls.ts";

export function decode(object: RawObject, reader: Reader): readonly Fact[] {
  const spec = specOf(reader);
  if (!isDnsLabel(object.name)) {
    const message = `"${object.name}" is not a gateway name: letters, digits and inner hyphens, at most 63`;
    reader.report("invalid-name", ["metadata", "name"], message);
  }
  const value = compact<GatewayConfig>({
    key: `${object.namespace}/${object.name}`,
    name: object.name,
    namespace: object.namespace,
    selector: readLabels(at(spec, "selector")),
    servers: readServers(spec),
    created: object.created,
    origin: reader.origin(),
  });
  return [{ type: "gateway", value }];
}

function readServers(spec: Place): readonly GatewayServer[] {
  const items = readItems(at(spec, "servers"));
  if (items.length === 0) reportMissing(spec, "servers", "a gateway needs at least one");
  const portNames = new Set<string>();
  return items.map((item) => {
    const server = readServer(item);
    const { name } = server.port;
    if (name !== "" && portNames.has(name)) {
      report(at(item, "port", "name"), "duplicate-value", `another server's port is named "${name}" already`);
    }
    portNames.add(name);
    return server;
  });
}

function readServer(place: Place): GatewayServer {
  const bind = readBind(at(place, "bind"));
  const port = readServerPort(at(place, "port"), bind);
  if (!isSet(at(place, "port"))) reportMissing(place, "port");
  const tls = readServerTls(at(place, "tls"), isTls(port.protocol));
  checkTls(place, port.protocol);
  const hosts = readItems(at(place, "hosts"));
  if (hosts.length === 0) reportMissing(place, "hosts", `"*" takes every host`);
  return compact<GatewayServer>({
    name: readText(at(place, "name")),
    port,
    bind,
    hosts: hosts.flatMap(
      (host) => readScopedHost(host, { defaultNamespace: "*", allowNone: false, allowAddress: true }) ?? [],
    ),
    tls,
    origin: originAt(place),
  });
}

function readServerPort(place: Place, bind: string | undefined): GatewayServer["port"] {
  const number = at(place, "number");
  const unix = bind !== undefined && isUnixAddress(bind);
  if (unix && (readNumber(number) ?? 0) !== 0) {
    report(number, "conflicting-fields", "a socket in the file system has no port: the number must be 0");
  }
  if (isSet(place)) {
    if (readText(at(place, "name")) === undefined) reportMissing(place, "name");
    if (readText(at(place, "protocol")) === undefined) reportMissing(place, "protocol");
    if (!isSet(number) && !unix) reportMissing(place, "number");
  }
  return {
    number: unix ? 0 : (readPort(number) ?? 0),
    name: readText(at(place, "name")) ?? "",
    protocol: readProtocol(at(place, "protocol")) ?? "auto",
  };
}

/** TLS settings belong to ports whose connections begin with TLS; plain HTTP ports may only redirect to such. */
function checkTls(place: Place, protocol: GatewayServer["port"]["protocol"]): void {
  const tls = at(place, "tls");
  if (isTls(protocol)) {
    if (!isSet(tls)) reportMissing(place, "tls", `a port of protocol ${protocol.toUpperCase()} needs it`);
    return;
  }
  if (!isSet(tls) || protocol === "auto") return;
  if (!isHttp(protocol)) {
    report(
      tls,
      "conflicting-fields",
      `a port of protocol ${protocol.toUpperCase()} cannot have TLS settings`,
    );
    return;
  }
  const mode = readText(at(tls, "mode"));
  const terminates = mode !== undefined && mode !== "PASSTHROUGH" && mode !== "AUTO_PASSTHROUGH";
  const [certificate] = setFields(tls, ["serverCertificate", "privateKey", "caCertificates"]);
  if (terminates || certificate !== undefined) {
    const help = "make it HTTPS, or leave only httpsRedirect";
    report(tls, "conflicting-fields", "a plain-text HTTP port cannot have TLS settings", help);
  }
}
