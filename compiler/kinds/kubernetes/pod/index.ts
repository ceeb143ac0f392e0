// Pod: a running workload, or in a manifest that was never applied, one that would run.

import type { RawObject } from "../../../1-parse/index.ts";
import type { Fact } from "../../../model/fact.ts";
import type { Kind, Reader } from "../../kind.ts";
import { readIpAddress } from "../../shared/ip-range.ts";
import { at, type Place, readItems, readText, specOf } from "../../shared/place.ts";
import { readPodSpec } from "../../shared/pod-spec.ts";

/** Without the upstream schema, which takes 75 ms to load: what is read here is checked here. */
export const pod: Kind = {
  group: "",
  versions: ["v1"],
  kind: "Pod",
  clusterScoped: false,
  fields: {},
  decode,
};

/** Pods that have ended yield nothing. */
function decode(object: RawObject, reader: Reader): readonly Fact[] {
  const status: Place = { reader, path: ["status"], value: object.value.status };
  const phase = readText(at(status, "phase"));
  if (phase === "Succeeded" || phase === "Failed") return [];
  const addresses = readAddresses(status);
  return [
    {
      type: "workload",
      value: {
        ...readPodSpec(specOf(reader), object.labels, object.annotations),
        name: object.name,
        namespace: object.namespace,
        source: addresses.length === 0 ? "template" : "pod",
        addresses,
        ready: isReady(status),
        origin: reader.origin(),
      },
    },
  ];
}

function readAddresses(status: Place): readonly string[] {
  const all = readItems(at(status, "podIPs")).flatMap((item) => readIpAddress(at(item, "ip")) ?? []);
  const first = readIpAddress(at(status, "podIP"));
  return all.length > 0 ? all : first === undefined ? [] : [first];
}

/** By its condition; without one (a hand-written status), by being there. */
function isReady(status: Place): boolean {
  const ready = readItems(at(status, "conditions")).find((each) => readText(at(each, "type")) === "Ready");
  return ready === undefined || readText(at(ready, "status")) === "True";
}
