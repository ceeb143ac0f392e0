// DestinationRule: how to talk to a host, and the subsets of its endpoints.

import { DestinationRule } from "@kubernetes-models/istio/networking.istio.io/v1/DestinationRule";
import type { Kind } from "../kind.ts";
import { upstreamSchema } from "../shared/upstream-schema.ts";
import { decode } from "./decode.ts";
import { fields } from "./fields.ts";

export const destinationRule: Kind = {
  group: "networking.istio.io",
  versions: ["v1", "v1beta1", "v1alpha3"],
  kind: "DestinationRule",
  clusterScoped: false,
  fields,
  schema: upstreamSchema(DestinationRule),
  decode,
};
