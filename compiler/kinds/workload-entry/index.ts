// WorkloadEntry: one workload outside Kubernetes, such as a process on a virtual machine.

import { WorkloadEntry } from "@kubernetes-models/istio/networking.istio.io/v1/WorkloadEntry";
import type { RawObject } from "../../1-parse/index.ts";
import type { Fact } from "../../model/fact.ts";
import type { Kind, Reader } from "../kind.ts";
import { flattenFields } from "../shared/field-table.ts";
import { meshEndpointFields, readMeshEndpoint, speaksMtls } from "../shared/mesh-endpoint.ts";
import { specOf } from "../shared/place.ts";
import { upstreamSchema } from "../shared/upstream-schema.ts";

export const workloadEntry: Kind = {
  group: "networking.istio.io",
  versions: ["v1", "v1beta1", "v1alpha3"],
  kind: "WorkloadEntry",
  clusterScoped: false,
  fields: flattenFields(meshEndpointFields),
  schema: upstreamSchema(WorkloadEntry),
  decode,
};

/** The object's own labels count as the workload's too, and win. */
function decode(object: RawObject, reader: Reader): readonly Fact[] {
  const endpoint = readMeshEndpoint(specOf(reader), { names: true, sockets: true });
  const labels = { ...endpoint.labels, ...object.labels };
  return [
    {
      type: "workload",
      value: {
        ...endpoint,
        name: object.name,
        namespace: object.namespace,
        source: "entry",
        labels,
        mtls: speaksMtls(labels, endpoint.serviceAccount !== ""),
        annotations: object.annotations,
        ready: true,
        origin: reader.origin(),
      },
    },
  ];
}
