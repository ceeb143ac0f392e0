// ServiceEntry: hosts that are not Kubernetes services, inside the mesh or out of it.

import { ServiceEntry } from "@kubernetes-models/istio/networking.istio.io/v1/ServiceEntry";
import type { Kind } from "../kind.ts";
import { flattenFields } from "../shared/field-table.ts";
import { meshEndpointFields } from "../shared/mesh-endpoint.ts";
import { upstreamSchema } from "../shared/upstream-schema.ts";
import { decode } from "./decode.ts";

export const serviceEntry: Kind = {
  group: "networking.istio.io",
  versions: ["v1", "v1beta1", "v1alpha3"],
  kind: "ServiceEntry",
  clusterScoped: false,
  fields: flattenFields({
    "hosts[]": "yes",
    "addresses[]": "yes",
    "ports[]": { number: "yes", protocol: "yes", name: "yes", targetPort: "yes" },
    location: "yes",
    resolution: "yes, but not DYNAMIC_DNS",
    "endpoints[]": meshEndpointFields,
    workloadSelector: { "labels{}": "yes" },
    "exportTo[]": "yes",
    "subjectAltNames[]": "yes",
  }),
  schema: upstreamSchema(ServiceEntry),
  decode,
};
