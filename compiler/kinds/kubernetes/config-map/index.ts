// ConfigMap: a CA bundle, if it holds one. (Mesh settings in the ConfigMap `istio` are found where texts are parsed.)

import type { RawObject } from "../../../1-parse/index.ts";
import type { Fact } from "../../../model/fact.ts";
import type { Kind, Reader } from "../../kind.ts";
import { faultOfMaterial, lifetimesOf } from "../../shared/key-material.ts";
import { at, type Place, readText, report } from "../../shared/place.ts";

const bundleKey = "ca.crt";

/** Without the upstream schema: of the contents only one key matters, and any text may be in the others. */
export const configMap: Kind = {
  group: "",
  versions: ["v1"],
  kind: "ConfigMap",
  clusterScoped: false,
  fields: {},
  decode,
};

/**
 * The credential is called `configmap://<name>`: a plain name always means a Secret, which fewer people may write.
 */
function decode(object: RawObject, reader: Reader): readonly Fact[] {
  const place: Place = at({ reader, path: ["data"], value: object.value.data }, bundleKey);
  const caCertificate = readText(place);
  if (caCertificate === undefined) return [];
  const fault = faultOfMaterial(caCertificate, "certificates");
  if (fault !== undefined) {
    report(place, "invalid-credential", `"${bundleKey}" cannot be used: ${fault}`);
    return [];
  }
  const { name, namespace } = object;
  const lifetimes = lifetimesOf(undefined, caCertificate);
  const value = {
    name: `configmap://${name}`,
    namespace,
    caCertificate,
    lifetimes,
    origin: reader.origin(),
  };
  return [{ type: "credential", value }];
}
