import test from "ava";
import { defaultMeshConfig } from "../../../model/mesh-config.ts";
import { decodeYaml } from "../../shared/decode-yaml.ts";
import { service } from "./index.ts";

const decode = (spec: string, metadata = "name: web, namespace: shop", mesh = defaultMeshConfig) =>
  decodeYaml(`{apiVersion: v1, kind: Service, metadata: {${metadata}}, spec: ${spec}}`, [service], mesh);

test("a service as a manifest has it", (t) => {
  const { facts, summary } = decode(
    `{selector: {app: web}, ports: [
      {name: http, port: 80, targetPort: 8080}, {name: db, port: 3306, targetPort: sql},
      {port: 9000, appProtocol: grpc}, {name: dns, port: 53, protocol: UDP}]}`,
  );
  t.deepEqual(summary, []);
  const [fact] = facts;
  if (fact?.type !== "service") return t.fail();
  const { origin, ...value } = fact.value;
  t.is(origin.kind, "Service");
  t.deepEqual(value, {
    hostname: "web.shop.svc.cluster.local",
    name: "web",
    namespace: "shop",
    registry: "kubernetes",
    ports: [
      { number: 80, name: "http", protocol: "http", target: 8080 },
      { number: 3306, name: "db", protocol: "tcp", target: "sql" },
      { number: 9000, name: "", protocol: "grpc", target: 9000 },
      { number: 53, name: "dns", protocol: "udp", target: 53 },
    ],
    addresses: [],
    resolution: "static",
    headless: false,
    external: false,
    visibility: { type: "public" },
    subjectAltNames: [],
    selector: { app: "web" },
    publishNotReady: false,
    labels: {},
  });
});

for (const [name, spec, expected] of [
  [
    "addresses of both families",
    "{clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1, 'fd00::1']}",
    { addresses: ["10.0.0.1", "fd00::1"] },
  ],
  ["one address", "{clusterIP: 10.0.0.1}", { addresses: ["10.0.0.1"], headless: false }],
  [
    "headless",
    "{clusterIP: None, clusterIPs: [None]}",
    { addresses: [], headless: true, resolution: "static" },
  ],
  [
    "another name",
    "{type: ExternalName, externalName: a.example}",
    { externalName: "a.example", resolution: "dns", external: true },
  ],
  ["not ready yet", "{publishNotReadyAddresses: true}", { publishNotReady: true }],
  ["a numeric target in quotes", "{ports: [{port: 80, targetPort: '8080'}]}", { ports: [{ target: 8080 }] }],
] as const) {
  test(name, (t) => {
    const { facts, summary } = decode(spec);
    t.deepEqual(summary, []);
    t.like(facts[0], { value: expected });
  });
}

test("a service without selector has no selector, not an empty one", (t) => {
  const [fact] = decode("{selector: {}}").facts;
  t.false(fact?.type === "service" && "selector" in fact.value);
});

for (const [annotation, expected] of [
  ["'*'", { type: "public" }],
  [".", { type: "namespaces", names: ["shop"] }],
  ["'a, b'", { type: "namespaces", names: ["a", "b"] }],
  ["'~'", { type: "namespaces", names: [] }],
] as const) {
  test(`visible to ${annotation}`, (t) => {
    const metadata = `name: web, namespace: shop, annotations: {networking.istio.io/exportTo: ${annotation}}`;
    t.like(decode("{}", metadata).facts[0], { value: { visibility: expected } });
  });
}

test("the mesh's defaults", (t) => {
  const mesh = { ...defaultMeshConfig, domainSuffix: "corp", defaultServiceExportTo: ["."] };
  t.like(decode("{}", undefined, mesh).facts[0], {
    value: { hostname: "web.shop.svc.corp", visibility: { type: "namespaces", names: ["shop"] } },
  });
});

for (const [spec, ...expected] of [
  ["{selctor: {a: b}}", "error unknown-field spec.selctor"],
  ["{ports: [{port: 0}]}", "error invalid-port spec.ports[0].port"],
  ["{ports: [{port: http}]}", "error invalid-value spec.ports[0].port"],
  ["{ports: [{port: 80, targetPort: 70000}]}", "error invalid-port spec.ports[0].targetPort"],
  ["{trafficDistribution: PreferClose}", "warning unsupported-field spec.trafficDistribution"],
  ["{type: NodePort, externalTrafficPolicy: Local, ports: [{port: 80, nodePort: 30000}]}"],
] as const) {
  test(`${spec} → ${expected.join(", ") || "no remark"}`, (t) => t.deepEqual(decode(spec).summary, expected));
}

test("ports are unique by number and transport, and by name; of DNS the TCP port counts", (t) => {
  const ports = (text: string) => decode(`{ports: ${text}}`);
  t.deepEqual(
    ports("[{name: a, port: 80}, {name: a, port: 81}, {name: b, port: 81, targetPort: 8081}]").summary,
    ["error duplicate-value spec.ports[1].name", "error duplicate-value spec.ports[2].port"],
  );
  const dns = ports("[{name: udp, port: 53, protocol: UDP, targetPort: 1053}, {name: tcp, port: 53}]");
  t.deepEqual(dns.summary, []);
  const [fact] = dns.facts;
  t.deepEqual(fact?.type === "service" && fact.value.ports.map(({ name }) => name), ["tcp"]);
});
