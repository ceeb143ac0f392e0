// A VirtualService as a route set.

import type { RawObject } from "../../1-parse/index.ts";
import type { Fact } from "../../model/fact.ts";
import type { RouteSet } from "../../model/routes.ts";
import type { Reader } from "../kind.ts";
import { readExportTo } from "../shared/export-to.ts";
import { checkHost, hostsOverlap, resolveHost } from "../shared/host.ts";
import {
  at,
  compact,
  isSet,
  type Place,
  readItems,
  readRawText,
  report,
  reportMissing,
  setFields,
  specOf,
} from "../shared/place.ts";
import { mesh, readGatewayNames } from "./gateway-names.ts";
import { readHttpRules } from "./http-rule.ts";
import { readTcpRules, readTlsRules } from "./l4-rule.ts";
import { reportShadowedRules } from "./shadowed-rules.ts";

export function decode(object: RawObject, reader: Reader): readonly Fact[] {
  const spec = specOf(reader);
  const delegated = readItems(at(spec, "hosts")).length === 0;
  if (delegated) checkDelegated(spec);
  if (["http", "tls", "tcp"].every((field) => readItems(at(spec, field)).length === 0)) {
    reportMissing(spec, "http", "an object without http, tls or tcp routes nothing");
  }
  const gateways = readGatewayNames(at(spec, "gateways")) ?? [mesh];
  const meshBound = gateways.includes(mesh);
  const written = readWrittenHosts(at(spec, "hosts"), meshBound);
  const http = readHttpRules(at(spec, "http"), { delegated, meshBound: meshBound && !delegated });
  reportShadowedRules(at(spec, "http"), http);
  const value = compact<RouteSet>({
    name: object.name,
    namespace: object.namespace,
    hosts: resolveHosts(written, reader),
    gateways,
    visibility: readExportTo(at(spec, "exportTo"), {
      whenAbsent: reader.mesh.defaultRouteExportTo,
      allowNone: false,
    }),
    http,
    tls: readTlsRules(at(spec, "tls"), written, meshBound),
    tcp: readTcpRules(at(spec, "tcp"), meshBound),
    created: object.created,
    origin: reader.origin(),
  });
  return [{ type: "routes", value }];
}

/** Without hosts the rules are reached through another object alone. */
function checkDelegated(spec: Place): void {
  for (const field of setFields(spec, ["gateways", "tls", "tcp"])) {
    if (!isSet(at(spec, field)) || readItems(at(spec, field)).length === 0) continue;
    const help = `add "hosts" if nobody delegates to it`;
    report(at(spec, field), "conflicting-fields", `an object without hosts cannot have "${field}"`, help);
  }
}

/** The hosts that are valid, as written. */
function readWrittenHosts(place: Place, meshBound: boolean): readonly string[] {
  const hosts: string[] = [];
  for (const item of readItems(place)) {
    const host = readRawText(item);
    if (host === undefined || !checkHost(item, host, { wildcard: true, address: true })) continue;
    if (host === "*" && meshBound) {
      const help = "name the hosts, or bind the object to gateways alone";
      report(item, "invalid-host", `"*" is not possible for sidecars`, help);
      continue;
    }
    const other = hosts.find((one) => hostsOverlap(one, host));
    if (other === undefined) hosts.push(host);
    else report(item, "duplicate-value", `"${host}" and "${other}" overlap`);
  }
  return hosts;
}

/** A short name and its fully qualified form are one host. */
function resolveHosts(
  written: readonly string[],
  { object, mesh: { domainSuffix } }: Reader,
): readonly string[] {
  return [...new Set(written.map((host) => resolveHost(host, object.namespace, domainSuffix)))];
}
