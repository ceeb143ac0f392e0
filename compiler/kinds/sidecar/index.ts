// Sidecar: what the sidecars of some workloads are told about the mesh, and how they listen for their own workload.

import { Sidecar } from "@kubernetes-models/istio/networking.istio.io/v1/Sidecar";
import type { Kind, SchemaViolation } from "../kind.ts";
import { upstreamSchema } from "../shared/upstream-schema.ts";
import { decode, dynamicDns } from "./decode.ts";
import { fields } from "./fields.ts";

const published = upstreamSchema(Sidecar);

function schema(value: unknown): readonly SchemaViolation[] {
  return published(value).filter(({ message }) => !message.startsWith(JSON.stringify(dynamicDns)));
}

export const sidecar: Kind = {
  group: "networking.istio.io",
  versions: ["v1", "v1beta1", "v1alpha3"],
  kind: "Sidecar",
  clusterScoped: false,
  fields,
  schema,
  decode,
};
