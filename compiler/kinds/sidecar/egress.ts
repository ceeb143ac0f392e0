// What a sidecar is told about the mesh, and the listeners it has for that.

import type { ScopeEgress } from "../../model/scope.ts";
import { isUnixAddress, readBind } from "../shared/bind-address.ts";
import {
  at,
  compact,
  isSet,
  originAt,
  type Place,
  readItems,
  report,
  reportMissing,
} from "../shared/place.ts";
import { readScopedHost } from "../shared/scoped-host.ts";
import { readCaptureMode, readScopePort } from "./ports.ts";

/** Undefined when the scope says nothing of egress: then everything visible is meant. */
export function readEgress(place: Place): readonly ScopeEgress[] | undefined {
  const items = readItems(place);
  if (items.length === 0) return undefined;
  const taken = new Set<string>();
  return items.map((item, index) => {
    const egress = readListener(item);
    checkOrder(item, index === items.length - 1);
    const key = keyOf(egress);
    if (key !== undefined && taken.has(key)) {
      report(at(item, "port"), "duplicate-value", `another egress listener has ${key} already`);
    }
    if (key !== undefined) taken.add(key);
    return egress;
  });
}

/** The listener without a port takes what the others leave, so that it comes last. */
function checkOrder(place: Place, last: boolean): void {
  if (isSet(at(place, "port")) || last) return;
  report(
    place,
    "invalid-value",
    "an egress listener without port takes everything: it must be the last, and only one",
  );
}

function keyOf({ port, bind }: ScopeEgress): string | undefined {
  if (port === undefined) return undefined;
  return port.number === 0 ? `socket ${bind ?? ""}` : `port ${port.number}`;
}

function readListener(place: Place): ScopeEgress {
  const port = at(place, "port");
  const bind = readBind(at(place, "bind"));
  const socket = bind !== undefined && isUnixAddress(bind);
  const captureMode = readCaptureMode(at(place, "captureMode"));
  if (socket && captureMode === "iptables") {
    report(
      at(place, "captureMode"),
      "conflicting-fields",
      "traffic to a socket in the file system is not captured",
    );
  }
  if (socket && isSet(at(port, "number")) && at(port, "number").value !== 0) {
    report(
      at(port, "number"),
      "conflicting-fields",
      "a socket in the file system has no port: the number must be 0",
    );
  }
  if (socket) {
    report(at(place, "bind"), "unsupported-field", "egress listeners on sockets are not supported yet");
  }
  if (bind !== undefined && !isSet(port)) {
    const help = 'give it the "port" that it is for, or leave out "bind"';
    report(at(place, "bind"), "ineffective-field", "without a port there is nothing to bind", help);
  }
  const hosts = readItems(at(place, "hosts"));
  if (hosts.length === 0) reportMissing(place, "hosts", `"*/*" is everything`);
  return compact<ScopeEgress>({
    port: isSet(port) ? readScopePort(port, socket) : undefined,
    bind,
    captureMode,
    hosts: readHosts(hosts),
    origin: originAt(place),
  });
}

function readHosts(items: readonly Place[]): ScopeEgress["hosts"] {
  const hosts: { readonly namespace: string; readonly host: string }[] = [];
  for (const item of items) {
    const scoped = readScopedHost(item, { allowNone: true, allowAddress: false, keepOwn: true });
    if (scoped === undefined) continue;
    const covered = hosts.some(
      ({ namespace, host }) =>
        (namespace === scoped.namespace || namespace === "*") && (host === scoped.host || host === "*"),
    );
    if (covered) report(item, "ineffective-field", `an earlier entry covers this one already`);
    else hosts.push(scoped);
  }
  return hosts;
}
