// ServiceEntries and WorkloadEntries, made up at random.

import fc from "fast-check";
import { type JsonObject, member, textsIn } from "../json.ts";
import { list, object, oneOf, optional, record } from "./arbitraries.ts";
import { exportTo, namespaces } from "./mesh.ts";

const http = { number: 80, name: "http", protocol: "HTTP" };
const httpElsewhere = { ...http, targetPort: 8080 };
const tls = { number: 443, name: "tls", protocol: "TLS" };
const tcp = { number: 5432, name: "tcp", protocol: "TCP" };
const location = oneOf("MESH_INTERNAL", "MESH_EXTERNAL");

const unresolved = record({
  hosts: oneOf(
    ["api.example.com"],
    ["www.example.com"],
    ["api.example.com", "www.example.com"],
    ["*.example.com"],
  ),
  addresses: optional(oneOf(["10.5.0.1"], ["10.5.0.1", "10.5.0.2"], ["10.5.0.0/24"])),
  ports: oneOf<JsonObject[]>(
    [http],
    [tls],
    [httpElsewhere, { number: 443, name: "https", protocol: "HTTPS" }],
    [{ number: 9080, name: "grpc", protocol: "GRPC" }],
    [tcp],
    [{ number: 7000, name: "x" }],
  ),
  location: optional(location),
  resolution: oneOf("NONE"),
  exportTo,
})
  // Which of two hosts an address means is nowhere said.
  .filter(({ hosts, addresses }) => textsIn(hosts).length < 2 || addresses === undefined);

const endpoint = record({
  address: oneOf("10.7.0.1", "10.7.0.2", "10.7.0.3"),
  labels: optional(
    oneOf<JsonObject>({ version: "v1" }, { version: "v2", "security.istio.io/tlsMode": "istio" }),
  ),
  weight: optional(oneOf(3)),
  locality: optional(oneOf("eu/a/1", "us")),
  ports: optional(oneOf({}), 3),
  serviceAccount: optional(oneOf("sa")),
  network: optional(oneOf("n1"), 8),
});
const listed = record({
  hosts: oneOf(["api.example.com"], ["tcp.example.com"], ["tls.example.com"]),
  addresses: optional(oneOf(["10.5.0.1"], ["10.5.0.3"])),
  ports: oneOf<JsonObject[]>([http], [tls], [tcp, httpElsewhere]),
  location: optional(location),
  resolution: oneOf("STATIC"),
  endpoints: list(endpoint, 1, 3),
  exportTo,
  subjectAltNames: optional(oneOf(["spiffe://a/b"]), 5),
});

const named = record({
  address: oneOf("a.internal", "b.internal", "10.7.0.1"),
  labels: optional(oneOf({ version: "v1" })),
  weight: optional(oneOf(3)),
  ports: optional(oneOf({ http: 8888 }), 3),
});
const resolved = oneOf("DNS", "DNS_ROUND_ROBIN").chain((resolution) =>
  record({
    hosts: oneOf(["api.example.com"], ["www.example.com"]),
    ports: oneOf([http, { ...tls, targetPort: 8443 }]),
    location: optional(location),
    resolution: fc.constant(resolution),
    endpoints: optional(list(named, 1, resolution === "DNS" ? 2 : 1)),
    exportTo,
  }),
);

const selecting = record({
  hosts: oneOf(["api.example.com"]),
  ports: oneOf([httpElsewhere]),
  location: oneOf("MESH_INTERNAL"),
  resolution: oneOf("STATIC"),
  workloadSelector: oneOf({ labels: { app: "vm" } }),
});

const serviceEntry = object(
  "networking",
  "ServiceEntry",
  namespaces,
  fc.oneof(unresolved, listed, resolved, selecting),
);

/** Whether both claim a host or an address. Who wins then is a question of its own. */
function areRivals(one: JsonObject, other: JsonObject): boolean {
  const claims = (entry: JsonObject) => [
    ...textsIn(member(entry, "spec", "hosts")),
    ...textsIn(member(entry, "spec", "addresses")),
  ];
  const isUnresolved = (entry: JsonObject) => member(entry, "spec", "resolution") === "NONE";
  const claimed = claims(other);
  return claims(one).some((each) => claimed.includes(each)) || (isUnresolved(one) && isUnresolved(other));
}

export const serviceEntries = fc.uniqueArray(serviceEntry, { maxLength: 3, comparator: areRivals });
export const rivalEntries = list(serviceEntry, 0, 3);

export const workloadEntries = object(
  "networking",
  "WorkloadEntry",
  namespaces,
  record({
    address: oneOf("10.8.0.1", "10.8.0.2"),
    labels: oneOf<JsonObject>({ app: "vm", version: "v1" }, { app: "vm" }, { app: "reviews", version: "v2" }),
    ports: optional(oneOf({ http: 8181 }), 4),
    weight: optional(oneOf(5), 4),
    serviceAccount: optional(oneOf("vm")),
    locality: optional(oneOf("eu/b"), 3),
  }),
);
