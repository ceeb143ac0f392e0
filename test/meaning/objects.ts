// Objects of Istio's networking group as YAML.

import { stringify } from "yaml";

export function networkingText(kind: string, metadata: object, spec: object): string {
  return stringify({ apiVersion: "networking.istio.io/v1", kind, metadata, spec });
}

/** A rule in `shop` with subsets `v1` and `v2`. */
export function subsetsText(host: string, name = host): string {
  const subsets = ["v1", "v2"].map((version) => ({ name: version, labels: { version } }));
  return networkingText("DestinationRule", { name, namespace: "shop" }, { host, subsets });
}
