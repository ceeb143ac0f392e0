// Sidecars, made up at random.

import fc from "fast-check";
import { type JsonObject, member } from "../json.ts";
import { list, object, oneOf, optional, record, someOf } from "./arbitraries.ts";
import { namespaces } from "./mesh.ts";

const hostsOfOthers = fc.uniqueArray(
  oneOf("./*", "*/*", "other/*", "*/*.example.com", "default/reviews.default.svc.cluster.local"),
  { minLength: 1, maxLength: 2 },
);
const ofPort = record({
  hosts: hostsOfOthers,
  port: oneOf(
    { number: 9080, protocol: "HTTP", name: "http" },
    { number: 5432, protocol: "TCP", name: "tcp" },
    { number: 12345, protocol: "HTTP", name: "h" },
  ),
  bind: optional(oneOf("10.0.0.77"), 6),
});
const egress = fc.oneof(
  { weight: 3, arbitrary: record({ hosts: hostsOfOthers }) },
  { weight: 1, arbitrary: ofPort },
);
/** Each listener has a port of its own, and only the last one may be for all ports: others are refused. */
const listeners = list(egress, 1, 2).map(([first, second]) => {
  const portOf = (listener: JsonObject | undefined) => member(listener, "port", "number");
  const both = portOf(first) !== undefined && portOf(first) !== portOf(second);
  return [first, ...(both ? [second] : [])].filter((each) => each !== undefined);
});
const ingress = record({
  port: oneOf(
    { number: 9080, protocol: "HTTP", name: "http" },
    { number: 8080, protocol: "TCP", name: "tcp" },
    { number: 9443, protocol: "GRPC", name: "grpc" },
  ),
  defaultEndpoint: optional(oneOf("127.0.0.1:8080", "0.0.0.0:8081", "unix:///tmp/x.sock")),
});
export const sidecars = object(
  "networking",
  "Sidecar",
  namespaces,
  fc
    .tuple(
      record({
        workloadSelector: optional(oneOf({ labels: { app: "client" } }, { labels: { app: "reviews" } })),
      }),
      someOf({
        egress: optional(listeners, 1),
        outboundTrafficPolicy: optional(oneOf({ mode: "REGISTRY_ONLY" }, { mode: "ALLOW_ANY" })),
        ingress: optional(list(ingress, 1, 1), 4),
      }),
    )
    .map(([who, what]) => ({ ...who, ...what })),
);
