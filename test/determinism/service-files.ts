// Files of services for random edits: those that others route to or that have endpoints, and some whose names others claim.

import fc from "fast-check";

interface File {
  readonly name: string;
  readonly text: string;
}

const namespace = fc.constantFrom("default", "shop");

const ports = fc
  .uniqueArray(
    fc.constantFrom(
      "{ name: http, port: 80 }",
      "{ name: http-other, port: 85 }",
      "{ name: grpc, port: 90 }",
      "{ name: tcp, port: 7000 }",
      "{ name: tls, port: 443 }",
      "{ name: any, port: 6000 }",
      "{ name: http-beside, port: 6000 }",
      "{ name: dns, port: 53, protocol: UDP }",
    ),
    // No port may be there twice.
    { minLength: 1, maxLength: 3, selector: (port) => /port: \d+/.exec(port)?.[0] },
  )
  .map((some) => some.join(", "));

/** Of Kubernetes; one has its pods among those of another file, one is found by endpoints alone. */
const kubernetes = fc
  .record({
    name: fc.constantFrom("late", "nowhere", "one"),
    namespace,
    ports,
    more: fc.constantFrom(
      "",
      ", clusterIP: 10.96.0.7",
      ", clusterIP: None",
      ", selector: { app: b }",
      ", selector: { app: nobody }",
    ),
    annotations: fc.constantFrom("", "networking.istio.io/exportTo: .", "networking.istio.io/exportTo: '~'"),
    created: fc.constantFrom("", ', creationTimestamp: "2026-01-01T00:00:00Z"'),
  })
  .map(({ name, namespace, ports, more, annotations, created }): File => {
    const text = `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace}, annotations: { ${annotations} }${created} }
spec: { ports: [${ports}]${more} }
`;
    return { name: `services/${namespace}-${name}.yaml`, text };
  });

/** From outside. Of two that name one host one counts, or both as one. */
const entry = fc
  .record({
    index: fc.nat(1),
    namespace,
    hosts: fc.uniqueArray(
      fc.constantFrom(
        "new.example.com",
        "a.example.com",
        "only.routed.example",
        "late.shop",
        "late.shop.svc.cluster.local",
        "late",
        "below.wild.example.com",
        '"*.many.example.com"',
      ),
      { minLength: 1, maxLength: 2 },
    ),
    number: fc.constantFrom(80, 90, 7000, 1234),
    protocol: fc.constantFrom("HTTP", "TCP", "TLS", "HTTP"),
    more: fc.constantFrom(
      ", resolution: NONE",
      ", resolution: DNS",
      ", resolution: STATIC, endpoints: [{ address: 10.0.0.9 }, { address: 10.9.9.9 }]",
      ", resolution: STATIC, addresses: [10.96.0.7], endpoints: [{ address: 10.0.0.9 }]",
      ", resolution: NONE",
    ),
    seen: fc.constantFrom(
      ...["", "", "", ", location: MESH_INTERNAL"],
      ...[', exportTo: ["."]', ", exportTo: [default]", ', exportTo: ["~"]'],
    ),
  })
  .map(({ index, namespace, hosts, number, protocol, more, seen }): File => {
    // Connections that are only TCP cannot be told apart by host.
    const named = protocol === "TCP" ? hosts.slice(0, 1) : hosts;
    // There is no asking DNS for a wildcard.
    const found = named.some((host) => host.includes("*")) ? more.replace("DNS", "NONE") : more;
    const text = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: entry-${index}, namespace: ${namespace} }
spec: { hosts: [${named.join(", ")}], ports: [{ number: ${number}, name: ${protocol.toLowerCase()}, protocol: ${protocol} }]${found}${seen} }
`;
    return { name: `services/entry-${index}.yaml`, text };
  });

/** One file to be written. */
export const serviceFiles: fc.Arbitrary<File> = fc.oneof(kubernetes, entry);

/** Files of theirs that may go again. */
export const serviceFileNames = [
  ...["default", "shop"].flatMap((namespace) =>
    ["late", "nowhere", "one"].map((name) => `services/${namespace}-${name}.yaml`),
  ),
  "services/entry-0.yaml",
  "services/entry-1.yaml",
];
