// ServiceEntry → one service per host. In: the object. Out: the services with their ports, and the endpoints that are listed for
// them; what serves those without is found in stage 3.

import type { RawObject } from "../../1-parse/index.ts";
import type { Fact } from "../../model/fact.ts";
import type { Resolution, ServicePort, Workload } from "../../model/service.ts";
import type { Reader } from "../kind.ts";
import { readExportTo } from "../shared/export-to.ts";
import { parseIpRange } from "../shared/ip-range.ts";
import { readSelectorLabels } from "../shared/labels.ts";
import { type MeshEndpoint, readMeshEndpoint } from "../shared/mesh-endpoint.ts";
import {
  at,
  compact,
  isSet,
  originAt,
  type Place,
  readChoice,
  readItems,
  readText,
  readTexts,
  report,
  specOf,
} from "../shared/place.ts";
import { readHosts } from "./hosts.ts";
import { readPorts } from "./ports.ts";

const resolutions: Readonly<Record<string, Resolution>> = {
  NONE: "none",
  STATIC: "static",
  DNS: "dns",
  DNS_ROUND_ROBIN: "dns-round-robin",
  DYNAMIC_DNS: "dynamic-dns",
};

export function decode(object: RawObject, reader: Reader): readonly Fact[] {
  const spec = specOf(reader);
  const resolution = readResolution(at(spec, "resolution"));
  const ports = readPorts(at(spec, "ports"));
  const endpoints = readEndpoints(at(spec, "endpoints"), resolution, ports);
  const shared = compact({
    name: object.name,
    namespace: object.namespace,
    registry: "entry" as const,
    ports,
    addresses: readAddresses(at(spec, "addresses"), resolution),
    resolution,
    headless: false,
    external: readLocation(at(spec, "location")),
    visibility: readExportTo(at(spec, "exportTo"), {
      whenAbsent: reader.mesh.defaultServiceExportTo,
      allowNone: true,
    }),
    subjectAltNames: readTexts(at(spec, "subjectAltNames")),
    selector: readSelector(at(spec, "workloadSelector"), resolution),
    publishNotReady: false,
    labels: object.labels,
    created: object.created,
  });
  checkExclusive(spec);
  const needsNames = endpoints.length === 0 && shared.selector === undefined;
  const hosts = readHosts(at(spec, "hosts"), { resolution, ports, needsNames });
  const services = hosts.map(
    ({ host, place }): Fact => ({
      type: "service",
      value: { ...shared, hostname: host, origin: originAt(place) },
    }),
  );
  if (endpoints.length === 0) return services;
  const { name, namespace } = object;
  const origin = originAt(at(spec, "endpoints"));
  const listed = { name, namespace, hosts: hosts.map(({ host }) => host), endpoints, origin };
  return [...services, { type: "listed-endpoints", value: listed }];
}

function readResolution(place: Place): Resolution {
  const resolution = readChoice(place, resolutions) ?? "none";
  if (resolution === "dynamic-dns") {
    report(
      place,
      "unsupported-field",
      "DYNAMIC_DNS is not supported yet; the hosts cannot be reached by this entry",
    );
  }
  return resolution;
}

/** Whether the hosts are outside the mesh, which they are unless it is said that they are not. */
function readLocation(place: Place): boolean {
  return readChoice(place, { MESH_EXTERNAL: true, MESH_INTERNAL: false }) ?? true;
}

function readAddresses(place: Place, resolution: Resolution): readonly string[] {
  return readItems(place).flatMap((item) => {
    const text = readText(item) ?? "";
    const range = parseIpRange(text);
    if (range === undefined) {
      report(item, "invalid-address", `"${text}" is neither an IP address nor a CIDR block`);
    } else if (text.includes("/") && resolution !== "none" && resolution !== "static") {
      report(item, "conflicting-fields", "CIDR blocks are only for the resolutions NONE and STATIC");
    } else if (range.prefixLength === (range.family === 4 ? 32 : 128)) {
      // A block of one is an address, by which the hosts may be called.
      return range.address;
    }
    return text;
  });
}

function readSelector(place: Place, resolution: Resolution): Readonly<Record<string, string>> | undefined {
  if (!isSet(place)) return undefined;
  const labels = readSelectorLabels(at(place, "labels"));
  if (Object.keys(labels).length === 0) {
    const message = "a selector without labels selects every workload of the namespace";
    report(place, "broad-match", message);
  }
  if (resolution === "none") {
    report(place, "ineffective-field", "with resolution NONE no workload is looked for");
    return undefined;
  }
  return labels;
}

function checkExclusive(spec: Place): void {
  if (!isSet(at(spec, "workloadSelector")) || !isSet(at(spec, "endpoints"))) return;
  const message = "workloads are either selected or listed as endpoints, not both";
  report(at(spec, "workloadSelector"), "conflicting-fields", message);
}

function readEndpoints(
  place: Place,
  resolution: Resolution,
  ports: readonly ServicePort[],
): readonly Workload[] {
  const items = readItems(place);
  const [, second] = items;
  if (items.length > 0 && (resolution === "none" || resolution === "dynamic-dns")) {
    const message = `with resolution ${resolution === "none" ? "NONE" : "DYNAMIC_DNS"} there can be no endpoints`;
    report(place, "conflicting-fields", message, "set spec.resolution to STATIC or DNS");
    return [];
  }
  if (resolution === "dns-round-robin" && second !== undefined) {
    report(second, "conflicting-fields", "with resolution DNS_ROUND_ROBIN there can be one endpoint at most");
  }
  const dns = resolution !== "static";
  const servicePorts = ports.map(({ name }) => name);
  return items.map((item) =>
    inlineWorkload(item, readMeshEndpoint(item, { names: dns, sockets: !dns, servicePorts })),
  );
}

function inlineWorkload(place: Place, endpoint: MeshEndpoint): Workload {
  return {
    ...endpoint,
    name: "",
    namespace: place.reader.object.namespace,
    source: "inline",
    annotations: {},
    ready: true,
    origin: originAt(place),
  };
}
