// VirtualService: which requests for a host go where.

import { VirtualService } from "@kubernetes-models/istio/networking.istio.io/v1/VirtualService";
import type { Kind } from "../kind.ts";
import { upstreamSchema } from "../shared/upstream-schema.ts";
import { decode } from "./decode.ts";
import { fields } from "./fields.ts";

export const virtualService: Kind = {
  group: "networking.istio.io",
  versions: ["v1", "v1beta1", "v1alpha3"],
  kind: "VirtualService",
  clusterScoped: false,
  fields,
  schema: upstreamSchema(VirtualService),
  decode,
};
