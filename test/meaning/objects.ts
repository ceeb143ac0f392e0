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

/** A gateway that no proxy is: without it, routes that name it would wait for it. */
export const edgeText = networkingText(
  "Gateway",
  { name: "edge", namespace: "shop" },
  {
    selector: { istio: "nobody" },
    servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["*"] }],
  },
);
