// Namespace: its labels say whether its workloads have sidecars.

import { Namespace } from "kubernetes-models/v1/Namespace";
import type { Kind } from "../../kind.ts";
import { upstreamSchema } from "../../shared/upstream-schema.ts";

export const namespace: Kind = {
  group: "",
  versions: ["v1"],
  kind: "Namespace",
  clusterScoped: true,
  fields: {},
  schema: upstreamSchema(Namespace),
  decode: ({ name, labels }, reader) => [
    { type: "namespace", value: { name, labels, origin: reader.origin() } },
  ],
};
