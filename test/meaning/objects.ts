// Objects of Istio's networking group as YAML.

import { stringify } from "yaml";

export function networkingText(kind: string, metadata: object, spec: object): string {
  return stringify({ apiVersion: "networking.istio.io/v1", kind, metadata, spec });
}
