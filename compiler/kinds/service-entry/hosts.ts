// The hosts of a service entry: which names they may be depends on how their addresses are found.

import type { Resolution, ServicePort } from "../../model/service.ts";
import { checkHost } from "../shared/host.ts";
import { type Place, readItems, readText, report } from "../shared/place.ts";
import { isHttp, isTls } from "../shared/protocol.ts";

export interface HostRules {
  readonly resolution: Resolution;
  readonly ports: readonly ServicePort[];
  /** Nothing else says where the hosts are, so that they are looked up under their own names. */
  readonly needsNames: boolean;
}

/** Lower case, each with its place. */
export function readHosts(
  place: Place,
  rules: HostRules,
): readonly { readonly host: string; readonly place: Place }[] {
  const hosts = readItems(place).flatMap((item) => {
    const text = readText(item);
    if (text === undefined) {
      report(item, "invalid-host", "a host cannot be empty");
      return [];
    }
    checkName(item, text, rules);
    return [{ host: text.toLowerCase(), place: item }];
  });
  checkSeparable(place, hosts.length, rules);
  const seen = new Set<string>();
  return hosts.filter(({ host, place: item }) => {
    const repeated = seen.has(host);
    seen.add(host);
    if (repeated) report(item, "ineffective-field", `"${host}" is listed twice`);
    return !repeated;
  });
}

function checkName(place: Place, host: string, { resolution, needsNames }: HostRules): void {
  if (host === "*") {
    report(place, "invalid-host", '"*" would be every host', "name a domain, such as *.example.com");
    return;
  }
  if (!checkHost(place, host, { wildcard: true }) || !host.startsWith("*")) return;
  if (needsNames && (resolution === "dns" || resolution === "dns-round-robin")) {
    const message = `"${host}" cannot be looked up in DNS: a wildcard stands for many names`;
    report(place, "invalid-host", message, "give an endpoint, or use resolution NONE");
  } else if (!host.startsWith("*.")) {
    const message = `"${host}" also stands for names that merely end alike`;
    report(place, "broad-match", message, "begin a wildcard with `*.`");
  }
}

/** Several hosts behind one address are told apart by what HTTP and TLS say; plain TCP says nothing. */
function checkSeparable(place: Place, count: number, { resolution, ports }: HostRules): void {
  if (resolution === "none" || count < 2) return;
  const port = ports.find(({ protocol }) => !isHttp(protocol) && !isTls(protocol));
  if (port === undefined) return;
  const message = `port ${port.number} is not HTTP or TLS, so that connections to it cannot be told apart by host`;
  report(place, "conflicting-fields", message, "make one service entry per host");
}
