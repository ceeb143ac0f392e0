// PeerAuthentications and AuthorizationPolicies, made up at random.

import fc from "fast-check";
import type { JsonObject } from "../json.ts";
import { list, object, oneOf, optional, record, someOf } from "./arbitraries.ts";
import { namespaces } from "./mesh.ts";

const selector = oneOf({ matchLabels: { app: "reviews" } }, { matchLabels: { app: "client" } });
const mtls = optional(
  oneOf("STRICT", "PERMISSIVE", "UNSET", "DISABLE").map((mode) => ({ mode })),
  1,
);
const portLevelMtls = optional(
  oneOf<JsonObject>(
    { 9080: { mode: "STRICT" } },
    { 5432: { mode: "PERMISSIVE" } },
    { 9080: { mode: "DISABLE" } },
    { 8080: { mode: "DISABLE" }, 9080: { mode: "STRICT" } },
  ),
);

/** Ports can be told apart only where workloads are chosen. */
export const peerAuthentications = object(
  "security",
  "PeerAuthentication",
  namespaces,
  fc.oneof(record({ mtls }), record({ selector, mtls, portLevelMtls })),
);

const source = someOf({
  principals: optional(
    oneOf(["cluster.local/ns/default/sa/client"], ["*/sa/client"], ["cluster.local/*"], ["*"]),
  ),
  notPrincipals: optional(oneOf(["cluster.local/ns/default/sa/x"]), 4),
  namespaces: optional(oneOf(["default"], ["o*", "default"])),
  ipBlocks: optional(oneOf(["10.0.0.0/8", "1.2.3.4"]), 3),
  notIpBlocks: optional(oneOf(["10.1.0.0/16"]), 5),
  remoteIpBlocks: optional(oneOf(["8.8.8.8"]), 5),
});
const operation = someOf({
  hosts: optional(oneOf(["a.example"], ["*.example", "b.*"])),
  ports: optional(oneOf(["9080"], ["80", "9080"])),
  methods: optional(oneOf(["GET"], ["G*", "POST"])),
  notMethods: optional(oneOf(["PUT"]), 5),
  paths: optional(oneOf(["/a"], ["/a/*", "*/b"], ["/x/{*}/y"], ["/{**}/z"])),
  notPaths: optional(oneOf(["/n*"]), 5),
});
const condition = oneOf<JsonObject>(
  { key: "request.headers[x-a]", values: ["1", "2*"] },
  { key: "source.ip", values: ["10.0.0.1"] },
  { key: "source.namespace", notValues: ["default"] },
  { key: "destination.port", values: ["9080"] },
  { key: "connection.sni", values: ["a.example", "*.b"] },
  { key: "destination.ip", values: ["10.1.0.0/16"] },
  { key: "source.principal", values: ["cluster.local/ns/a/sa/b"] },
);
const rule = record({
  from: optional(list(record({ source }), 1, 2)),
  to: optional(list(record({ operation }), 1, 2)),
  when: optional(list(condition, 1, 2)),
});

export const authorizationPolicies = object(
  "security",
  "AuthorizationPolicy",
  namespaces,
  fc.oneof(
    record({
      selector: optional(selector),
      action: optional(oneOf("ALLOW")),
      rules: optional(list(rule, 1, 2), 1),
    }),
    // Istio refuses to deny nothing.
    record({ selector: optional(selector), action: oneOf("DENY"), rules: list(rule, 1, 2) }),
  ),
);
