// Gateway: the ports and hosts that gateway proxies listen for.

import { Gateway } from "@kubernetes-models/istio/networking.istio.io/v1/Gateway";
import type { Kind } from "../kind.ts";
import { upstreamSchema } from "../shared/upstream-schema.ts";
import { decode } from "./decode.ts";
import { fields } from "./fields.ts";

export const gateway: Kind = {
  group: "networking.istio.io",
  versions: ["v1", "v1beta1", "v1alpha3"],
  kind: "Gateway",
  clusterScoped: false,
  fields,
  schema: upstreamSchema(Gateway),
  decode,
};
