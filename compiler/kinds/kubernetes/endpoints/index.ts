// Endpoints: the addresses behind a service, in the older form that users still write by hand.

import { Endpoints } from "kubernetes-models/v1/Endpoints";
import type { RawObject } from "../../../1-parse/index.ts";
import type { Fact } from "../../../model/fact.ts";
import type { EndpointSet } from "../../../model/service.ts";
import type { Kind, Reader } from "../../kind.ts";
import { flattenFields, ignored } from "../../shared/field-table.ts";
import { readIpAddress } from "../../shared/ip-range.ts";
import { at, compact, type Place, readItems, readNumber, readText } from "../../shared/place.ts";
import { upstreamSchema } from "../../shared/upstream-schema.ts";

const address = {
  ip: "yes",
  hostname: ignored(""),
  nodeName: "yes",
  "targetRef.*": "yes",
} as const;

export const endpoints: Kind = {
  group: "",
  versions: ["v1"],
  kind: "Endpoints",
  clusterScoped: false,
  fields: flattenFields(
    {
      "subsets[]": {
        "addresses[]": address,
        "notReadyAddresses[]": address,
        "ports[]": { name: "yes", port: "yes", protocol: ignored(""), appProtocol: ignored("") },
      },
    },
    "",
  ),
  schema: upstreamSchema(Endpoints),
  decode,
};

/** The object has the service's name. Each subset has ports of its own, and so becomes a set of its own. */
function decode(object: RawObject, reader: Reader): readonly Fact[] {
  const root: Place = { reader, path: [], value: object.value };
  return readItems(at(root, "subsets")).map((subset) => ({
    type: "endpoints",
    value: {
      serviceName: object.name,
      namespace: object.namespace,
      ports: readItems(at(subset, "ports")).map((port) => ({
        name: readText(at(port, "name")) ?? "",
        number: readNumber(at(port, "port")) ?? 0,
      })),
      endpoints: [
        ...readItems(at(subset, "addresses")).map((each) => readAddress(each, "ready")),
        ...readItems(at(subset, "notReadyAddresses")).map((each) => readAddress(each, "not-ready")),
      ],
      origin: reader.origin(),
    },
  }));
}

type SetEndpoint = EndpointSet["endpoints"][number];

function readAddress(place: Place, state: SetEndpoint["state"]): SetEndpoint {
  const isPod = readText(at(place, "targetRef", "kind")) === "Pod";
  return compact<SetEndpoint>({
    addresses: [readIpAddress(at(place, "ip"))].filter((ip) => ip !== undefined),
    state,
    pod: isPod ? readText(at(place, "targetRef", "name")) : undefined,
    nodeName: readText(at(place, "nodeName")),
  });
}
