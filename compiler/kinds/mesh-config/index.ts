// MeshConfig: the settings of the whole mesh. Not a Kubernetes kind, but read like one.

import type { Kind } from "../kind.ts";
import { decodeMeshConfig } from "./decode.ts";
import { fields } from "./fields.ts";

export const meshConfig: Kind = {
  group: "",
  versions: ["v1alpha1"],
  kind: "MeshConfig",
  clusterScoped: true,
  fields,
  decode: (_, reader) => [{ type: "mesh-config", value: decodeMeshConfig(reader) }],
};
