// EndpointSlice: some of the addresses behind a service, with their readiness.

import { EndpointSlice } from "kubernetes-models/discovery.k8s.io/v1/EndpointSlice";
import type { RawObject } from "../../../1-parse/index.ts";
import type { Fact } from "../../../model/fact.ts";
import type { EndpointSet } from "../../../model/service.ts";
import type { Kind, Reader } from "../../kind.ts";
import { flattenFields, ignored } from "../../shared/field-table.ts";
import { readIpAddress } from "../../shared/ip-range.ts";
import { at, compact, type Place, readFlag, readItems, readNumber, readText } from "../../shared/place.ts";
import { upstreamSchema } from "../../shared/upstream-schema.ts";

const serviceLabel = "kubernetes.io/service-name";

export const endpointSlice: Kind = {
  group: "discovery.k8s.io",
  versions: ["v1", "v1beta1"],
  kind: "EndpointSlice",
  clusterScoped: false,
  fields: flattenFields(
    {
      addressType: "yes",
      "endpoints[]": {
        "addresses[]": "yes",
        conditions: { ready: "yes", serving: "yes", terminating: "yes" },
        "deprecatedTopology{}": ignored(""),
        "hints.*": ignored(""),
        hostname: ignored(""),
        nodeName: "yes",
        "targetRef.*": "yes",
        zone: "yes",
      },
      "ports[]": { name: "yes", port: "yes", protocol: ignored(""), appProtocol: ignored("") },
    },
    "",
  ),
  schema: upstreamSchema(EndpointSlice),
  decode,
};

/** Slices of names instead of addresses, and those of no service, yield nothing. */
function decode(object: RawObject, reader: Reader): readonly Fact[] {
  const root: Place = { reader, path: [], value: object.value };
  const serviceName = object.labels[serviceLabel];
  if (serviceName === undefined || readText(at(root, "addressType")) === "FQDN") return [];
  const value: EndpointSet = {
    serviceName,
    namespace: object.namespace,
    ports: readItems(at(root, "ports")).flatMap((port) => {
      const number = readNumber(at(port, "port"));
      return number === undefined ? [] : [{ name: readText(at(port, "name")) ?? "", number }];
    }),
    endpoints: readItems(at(root, "endpoints")).map(readEndpoint),
    origin: reader.origin(),
  };
  return [{ type: "endpoints", value }];
}

type SetEndpoint = EndpointSet["endpoints"][number];

function readEndpoint(place: Place): SetEndpoint {
  const isPod = readText(at(place, "targetRef", "kind")) === "Pod";
  return compact<SetEndpoint>({
    addresses: readItems(at(place, "addresses")).flatMap((item) => readIpAddress(item) ?? []),
    state: stateOf(at(place, "conditions")),
    pod: isPod ? readText(at(place, "targetRef", "name")) : undefined,
    zone: readText(at(place, "zone")),
    nodeName: readText(at(place, "nodeName")),
  });
}

/** Unknown readiness counts as ready. What ends but still serves may finish what it has begun. */
function stateOf(conditions: Place): SetEndpoint["state"] {
  if (readFlag(at(conditions, "ready")) ?? true) return "ready";
  const ending = readFlag(at(conditions, "terminating")) ?? false;
  const serving = readFlag(at(conditions, "serving")) ?? false;
  return ending && serving ? "draining" : "not-ready";
}
