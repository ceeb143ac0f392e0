// Where one workload outside Kubernetes listens: the same block in a workload entry and in a service entry's endpoints.

import type { Labels, Locality } from "../../model/labels.ts";
import { isDnsLabel } from "../../model/names.ts";
import type { Workload } from "../../model/service.ts";
import { checkUnixAddress, isUnixAddress } from "./bind-address.ts";
import type { FieldTable } from "./field-table.ts";
import { faultOfDomain } from "./host.ts";
import { isIpAddress } from "./ip-range.ts";
import { readLabels } from "./labels.ts";
import { at, isSet, type Place, readEntries, readText, readWhole, report, reportMissing } from "./place.ts";
import { readPort } from "./port.ts";

export const meshEndpointFields: FieldTable = {
  address: "yes",
  "ports{}": "yes",
  "labels{}": "yes",
  network: "no",
  locality: "yes",
  weight: "yes",
  serviceAccount: "yes",
};

/** What a block says of a workload; the rest of it depends on where the block stands. */
export type MeshEndpoint = Pick<
  Workload,
  "addresses" | "labels" | "ports" | "locality" | "network" | "weight" | "serviceAccount" | "mtls"
>;

export interface EndpointRules {
  /** Whether the address may be a DNS name, and whether it may be a socket. */
  readonly names: boolean;
  readonly sockets: boolean;
  /** Names of the service's ports, of which the endpoint's must be; absent: any. */
  readonly servicePorts?: readonly string[];
}

export function readMeshEndpoint(place: Place, rules: EndpointRules): MeshEndpoint {
  const address = readText(at(place, "address"));
  const network = readText(at(place, "network"));
  const locality = readText(at(place, "locality"));
  const labels = readLabels(at(place, "labels"));
  const serviceAccount = readText(at(place, "serviceAccount")) ?? "";
  if (address !== undefined) checkAddress(place, address, rules);
  else if (network === undefined) reportMissing(place, "address");
  return {
    addresses: address === undefined ? [] : [address],
    labels,
    ports: readPorts(at(place, "ports"), rules.servicePorts),
    ...(locality === undefined ? {} : { locality: parseLocality(locality) }),
    ...(network === undefined ? {} : { network }),
    weight: readWhole(at(place, "weight")) ?? 0,
    serviceAccount,
    mtls: speaksMtls(labels, serviceAccount !== ""),
  };
}

/** The label that says whether a sidecar terminates mutual TLS; without it, what is known otherwise counts. */
export function speaksMtls(labels: Labels, otherwise: boolean): boolean {
  const mode = labels["security.istio.io/tlsMode"];
  return mode === undefined ? otherwise : mode === "istio";
}

/** `region/zone/subzone`, from the left as far as it is known. */
export function parseLocality(text: string): Locality {
  const [region = "", zone = "", ...subzone] = text.split("/");
  return { region, zone, subzone: subzone.join("/") };
}

function checkAddress(place: Place, address: string, rules: EndpointRules): void {
  const here = at(place, "address");
  if (isIpAddress(address)) return;
  if (isUnixAddress(address) && rules.sockets) {
    checkUnixAddress(here, address);
    if (isSet(at(place, "ports"))) {
      report(at(place, "ports"), "conflicting-fields", "an endpoint that is a socket has no ports");
    }
    if (rules.servicePorts !== undefined && rules.servicePorts.length !== 1) {
      report(
        here,
        "conflicting-fields",
        "an endpoint can only be a socket when the service has exactly one port",
      );
    }
    return;
  }
  if (rules.names && !isUnixAddress(address)) {
    const fault = faultOfDomain(address);
    if (fault === undefined) return;
    report(here, "invalid-address", `"${address}" is neither an IP address nor a DNS name: ${fault}`);
    return;
  }
  const expected = rules.names ? "an IP address or a DNS name" : "an IP address";
  report(here, "invalid-address", `"${address}" is not ${expected}, which the resolution asks for`);
}

function readPorts(
  place: Place,
  servicePorts: readonly string[] | undefined,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    readEntries(place).flatMap(([name, entry]) => {
      if (!isDnsLabel(name)) report(entry, "invalid-name", `"${name}" is not a port name`);
      else if (servicePorts !== undefined && !servicePorts.includes(name)) {
        report(entry, "port-not-found", `the service entry has no port named "${name}"`);
      }
      const port = readPort(entry);
      return port === undefined ? [] : [[name, port]];
    }),
  );
}
