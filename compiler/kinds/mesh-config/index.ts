// MeshConfig: the settings of the whole mesh. Not a Kubernetes kind, but read like one.

import type { RawObject } from "../../1-parse/index.ts";
import type { Fact } from "../../model/fact.ts";
import type { Kind, Reader } from "../kind.ts";
import { decodeMeshConfig } from "./decode.ts";
import { fields } from "./fields.ts";

export const meshConfig: Kind = {
  group: "",
  versions: ["v1alpha1"],
  kind: "MeshConfig",
  clusterScoped: true,
  fields,
  decode,
};

/** Settings found in a ConfigMap count in the root namespace alone; those of a file of their own have no namespace. */
function decode(object: RawObject, reader: Reader): readonly Fact[] {
  const value = decodeMeshConfig(reader);
  const homes = ["", value.rootNamespace, reader.mesh.rootNamespace];
  return homes.includes(object.namespace) ? [{ type: "mesh-config", value }] : [];
}
