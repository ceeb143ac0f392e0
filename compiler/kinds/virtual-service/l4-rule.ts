// The entries of `tls` and `tcp`: connections told apart before any request is seen.

import type { L4Match } from "../../model/match.ts";
import type { L4Rule } from "../../model/routes.ts";
import { checkHost, hostCovers } from "../shared/host.ts";
import { isIpAddress, parseIpRange } from "../shared/ip-range.ts";
import { readLabels } from "../shared/labels.ts";
import {
  at,
  compact,
  originAt,
  type Place,
  readItems,
  readText,
  report,
  reportMissing,
  setFields,
} from "../shared/place.ts";
import { readOptionalPort } from "../shared/port.ts";
import { readDestinations } from "./destination.ts";
import { readGatewayNames } from "./gateway-names.ts";
import { readSourceNamespace } from "./http-match.ts";

/** `hosts`: of the whole object, as written; an SNI value must be one that they cover. `meshBound`: sidecars serve it, not gateways alone. */
export function readTlsRules(place: Place, hosts: readonly string[], meshBound: boolean): readonly L4Rule[] {
  return readItems(place).map((item) => {
    if (readItems(at(item, "match")).length === 0)
      reportMissing(item, "match", "a TLS rule needs SNI hosts to match");
    return readRule(item, meshBound, (match) => readSniHosts(match, hosts));
  });
}

export function readTcpRules(place: Place, meshBound: boolean): readonly L4Rule[] {
  return readItems(place).map((item) => readRule(item, meshBound, () => []));
}

function readRule(place: Place, meshBound: boolean, sniHosts: (match: Place) => readonly string[]): L4Rule {
  if (readItems(at(place, "route")).length === 0) reportMissing(place, "route");
  if (!meshBound) for (const match of readItems(at(place, "match"))) reportForSidecars(match);
  return {
    matches: readItems(at(place, "match")).map((match) =>
      compact<L4Match>({
        sniHosts: sniHosts(match),
        destinationSubnets: readItems(at(match, "destinationSubnets")).flatMap(
          (item) => readSubnet(item) ?? [],
        ),
        sourceSubnet: readSubnet(at(match, "sourceSubnet")),
        port: readOptionalPort(at(match, "port")),
        sourceLabels: readLabels(at(match, "sourceLabels")),
        sourceNamespace: readSourceNamespace(at(match, "sourceNamespace")),
        gateways: readGatewayNames(at(match, "gateways")),
        origin: originAt(match),
      }),
    ),
    destinations: readDestinations(at(place, "route"), false),
    origin: originAt(place),
  };
}

/** A gateway tells connections apart by port and SNI alone (istiod, `l4SingleMatch`). */
function reportForSidecars(match: Place): void {
  for (const field of setFields(match, [
    "destinationSubnets",
    "sourceSubnet",
    "sourceLabels",
    "sourceNamespace",
  ])) {
    const message = `"${field}" is for sidecars, and has no effect at a gateway`;
    report(
      at(match, field),
      "ineffective-field",
      message,
      `add "mesh" to the gateways if sidecars are meant`,
    );
  }
}

function readSubnet(place: Place): string | undefined {
  const text = readText(place);
  if (text !== undefined && parseIpRange(text) === undefined) {
    report(place, "invalid-address", `"${text}" is neither an IP address nor a CIDR block`);
  }
  return text;
}

/** The form in which a gateway that passes TLS through sees the mesh's own services. */
const automaticSni = /^outbound_\.\d+_\.[^_]*_\.[a-zA-Z0-9.-]+$/;

function readSniHosts(match: Place, hosts: readonly string[]): readonly string[] {
  const items = readItems(at(match, "sniHosts"));
  if (items.length === 0) reportMissing(match, "sniHosts");
  return items.flatMap((item) => {
    const text = readText(item)?.toLowerCase();
    if (text === undefined) {
      report(item, "invalid-host", "an SNI host must not be empty");
      return [];
    }
    if (isIpAddress(text)) {
      report(item, "broad-match", `clients send no SNI for an IP address such as ${text}`);
    } else if (automaticSni.test(text) || checkHost(item, text, { wildcard: true })) {
      checkCovered(item, text, hosts);
    }
    return text;
  });
}

function checkCovered(place: Place, sni: string, hosts: readonly string[]): void {
  if (hosts.some((host) => hostCovers(host.toLowerCase(), sni))) return;
  report(place, "invalid-host", `"${sni}" is not among the hosts of the object: ${hosts.join(", ")}`);
}
