// Service → a mesh service. In: the object, as applied or as read back from a cluster. Out: its name, ports and addresses;
// its endpoints are found in stage 3.

import type { RawObject } from "../../../1-parse/index.ts";
import type { Fact } from "../../../model/fact.ts";
import { isDnsLabel } from "../../../model/names.ts";
import type { MeshService, ServicePort } from "../../../model/service.ts";
import type { Reader } from "../../kind.ts";
import { visibilityOf } from "../../shared/export-to.ts";
import { readIpAddress } from "../../shared/ip-range.ts";
import { kubernetesProtocol } from "../../shared/kubernetes-protocol.ts";
import {
  at,
  compact,
  type Place,
  readFlag,
  readItems,
  readText,
  readTextMap,
  report,
  specOf,
} from "../../shared/place.ts";
import { isPort, readPort } from "../../shared/port.ts";

const exportToAnnotation = "networking.istio.io/exportTo";

export function decode(object: RawObject, reader: Reader): readonly Fact[] {
  const spec = specOf(reader);
  const { name, namespace } = object;
  if (!isDnsLabel(name)) {
    reader.report("invalid-name", ["metadata", "name"], `"${name}" is not a name that DNS can have`);
  }
  const selector = readTextMap(at(spec, "selector"));
  const externalName =
    readText(at(spec, "type")) === "ExternalName" ? readText(at(spec, "externalName")) : undefined;
  const addresses = readAddresses(spec);
  const value = compact<MeshService>({
    hostname: `${name}.${namespace}.svc.${reader.mesh.domainSuffix}`,
    name,
    namespace,
    registry: "kubernetes",
    ports: readPorts(at(spec, "ports")),
    addresses: addresses.filter((address) => address !== "None"),
    resolution: externalName === undefined ? "static" : "dns",
    headless: addresses.includes("None"),
    external: externalName !== undefined,
    visibility: visibilityOf(exportTo(object, reader), namespace),
    subjectAltNames: [],
    selector: Object.keys(selector).length === 0 ? undefined : selector,
    externalName,
    publishNotReady: readFlag(at(spec, "publishNotReadyAddresses")) ?? false,
    labels: object.labels,
    created: object.created,
    origin: reader.origin(),
  });
  return [{ type: "service", value }];
}

/** `clusterIPs` repeats `clusterIP` and may add the other family. Manifests that were never applied have neither. */
function readAddresses(spec: Place): readonly string[] {
  const all = readItems(at(spec, "clusterIPs")).flatMap((item) => readClusterIp(item) ?? []);
  const first = readClusterIp(at(spec, "clusterIP"));
  return all.length > 0 ? all : first === undefined ? [] : [first];
}

/** `None`, or an address. */
function readClusterIp(place: Place): string | undefined {
  return place.value === "None" ? "None" : readIpAddress(place);
}

function exportTo(object: RawObject, reader: Reader): readonly string[] {
  const written = object.annotations[exportToAnnotation];
  if (written === undefined) return reader.mesh.defaultServiceExportTo;
  return written
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}

/** A number may stand for TCP and for UDP, as with DNS; proxies carry the TCP one. Otherwise numbers and names are unique. */
function readPorts(place: Place): readonly ServicePort[] {
  const seen = new Set<string>();
  const checkUnique = (item: Place, field: string, key: string, value: string | number) => {
    if (seen.has(key))
      report(at(item, field), "duplicate-value", `another port has the ${field} ${value} already`);
    seen.add(key);
  };
  const ports = readItems(place).map((item) => {
    const port = readServicePort(item);
    const transport = readText(at(item, "protocol")) ?? "TCP";
    if (port.name !== "") checkUnique(item, "name", port.name, `"${port.name}"`);
    checkUnique(item, "port", `${transport} ${port.number}`, port.number);
    return port;
  });
  const carried = new Set(ports.filter(({ protocol }) => protocol !== "udp").map(({ number }) => number));
  return ports.filter(({ protocol, number }) => protocol !== "udp" || !carried.has(number));
}

function readServicePort(place: Place): ServicePort {
  const number = readPort(at(place, "port")) ?? 0;
  const name = readText(at(place, "name")) ?? "";
  const appProtocol = readText(at(place, "appProtocol"));
  const transport = readText(at(place, "protocol")) ?? "TCP";
  const port = { number, name, transport };
  return {
    number,
    name,
    protocol: kubernetesProtocol(appProtocol === undefined ? port : { ...port, appProtocol }),
    target: readTarget(at(place, "targetPort"), number),
  };
}

/** A number, or the name of a container port; 0, empty or absent: the same number. */
function readTarget(place: Place, number: number): number | string {
  const { value } = place;
  if (value === undefined || value === null || value === 0 || value === "") return number;
  if (typeof value === "string" && !/^\d+$/.test(value)) return value;
  const target = Number(value);
  if (!isPort(target))
    report(place, "invalid-port", `${target} is not a port: ports are between 1 and 65535`);
  return target;
}
