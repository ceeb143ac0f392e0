import test from "ava";
import { decodeYaml } from "../shared/decode-yaml.ts";
import { serviceEntry } from "./index.ts";

const decode = (spec: string) =>
  decodeYaml(
    `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ext, namespace: shop, labels: {a: b}}
spec: ${spec}`,
    [serviceEntry],
  );

test("one service per host", (t) => {
  const { facts, summary } = decode(`
    hosts: [API.example.com, "*.example.org"]
    location: MESH_INTERNAL
    exportTo: [., team]
    addresses: [10.0.0.0/24, 10.0.1.1/32, "2001:db8::1/128"]
    ports:
    - {number: 443, name: https, protocol: HTTPS}
    - {number: 80, name: http, protocol: http, targetPort: 8080}
    subjectAltNames: [spiffe://td/x]
    resolution: NONE`);
  t.deepEqual(summary, []);
  const services = facts.map((fact) => {
    if (fact.type !== "service") throw new Error(fact.type);
    const { origin, ...value } = fact.value;
    t.is(origin.kind, "ServiceEntry");
    return value;
  });
  const shared = {
    name: "ext",
    namespace: "shop",
    registry: "entry",
    ports: [
      { number: 443, name: "https", protocol: "https", target: 443 },
      { number: 80, name: "http", protocol: "http", target: 8080 },
    ],
    addresses: ["10.0.0.0/24", "10.0.1.1", "2001:db8::1"],
    resolution: "none",
    headless: false,
    external: false,
    visibility: { type: "namespaces", names: ["shop", "team"] },
    subjectAltNames: ["spiffe://td/x"],
    publishNotReady: false,
    labels: { a: "b" },
  };
  t.deepEqual<unknown, unknown>(services, [
    { ...shared, hostname: "api.example.com" },
    { ...shared, hostname: "*.example.org" },
  ]);
});

test("defaults: outside the mesh, resolution NONE, for everyone", (t) => {
  t.like(decode("{hosts: [a.example]}").facts[0], {
    value: { external: true, resolution: "none", visibility: { type: "public" }, ports: [] },
  });
});

test("inline endpoints are workloads", (t) => {
  const { facts, summary } = decode(`
    hosts: [a.example]
    resolution: STATIC
    ports: [{number: 80, name: http, protocol: HTTP}]
    endpoints:
    - {address: 10.0.0.1, ports: {http: 8080}, labels: {v: "1"}, locality: r/z, weight: 3, serviceAccount: sa}
    - {address: unix:///run/a.sock}`);
  t.deepEqual(summary, []);
  const fact = facts.at(-1);
  if (fact?.type !== "listed-endpoints") return t.fail();
  t.like(fact.value, { name: "ext", namespace: "shop", hosts: ["a.example"] });
  t.deepEqual(
    fact.value.endpoints.map(({ origin, ...endpoint }) => endpoint),
    [
      {
        name: "",
        namespace: "shop",
        source: "inline",
        addresses: ["10.0.0.1"],
        labels: { v: "1" },
        annotations: {},
        serviceAccount: "sa",
        ports: { http: 8080 },
        locality: { region: "r", zone: "z", subzone: "" },
        weight: 3,
        ready: true,
        mtls: true,
      },
      {
        name: "",
        namespace: "shop",
        source: "inline",
        addresses: ["unix:///run/a.sock"],
        labels: {},
        annotations: {},
        serviceAccount: "",
        ports: {},
        weight: 0,
        ready: true,
        mtls: false,
      },
    ],
  );
  t.is(fact.value.endpoints[1]?.origin.position.line, 11);
});

test("a selector", (t) => {
  const { facts } = decode("{hosts: [a.example], resolution: STATIC, workloadSelector: {labels: {app: a}}}");
  t.like(facts[0], { value: { selector: { app: "a" } } });
});

const http = "ports: [{number: 80, name: http, protocol: HTTP}]";
for (const [spec, ...expected] of [
  ["{}", "error missing-field spec.hosts"],
  ["{hosts: ['*']}", "error invalid-host spec.hosts[0]"],
  ["{hosts: ['a_b']}", "error invalid-host spec.hosts[0]"],
  ["{hosts: ['*x']}", "warning broad-match spec.hosts[0]"],
  ["{hosts: [a.example, A.example]}", "warning ineffective-field spec.hosts[1]"],
  ["{hosts: ['*.example.com'], resolution: DNS}", "error invalid-host spec.hosts[0]"],
  ["{hosts: ['*.example.com'], resolution: DNS, endpoints: [{address: www.example.com}]}"],
  ["{hosts: [a.example], addresses: ['001:db8::', 1.1.1.1/32]}"],
  ["{hosts: [a.example], addresses: [1.2.3.4/99]}", "error invalid-address spec.addresses[0]"],
  [
    "{hosts: [a.example], addresses: [1.2.3.4/16], resolution: DNS}",
    "error conflicting-fields spec.addresses[0]",
  ],
  [
    "{hosts: [a.example], ports: [{name: a, number: 1}, {name: a, number: 2}]}",
    "error duplicate-value spec.ports[1].name",
  ],
  [
    "{hosts: [a.example], ports: [{name: a, number: 1}, {name: b, number: 1}]}",
    "error duplicate-value spec.ports[1].number",
  ],
  ["{hosts: [a.example], ports: [{name: a, number: 99999}]}", "error invalid-port spec.ports[0].number"],
  [
    "{hosts: [a.example], ports: [{name: a, number: 1, targetPort: 99999}]}",
    "error invalid-port spec.ports[0].targetPort",
  ],
  [
    "{hosts: [a.example], ports: [{name: a, number: 1, protocol: SMTP}]}",
    "error invalid-protocol spec.ports[0].protocol",
  ],
  [
    "{hosts: [a.example], ports: [{name: a, nmber: 1}]}",
    "error missing-field spec.ports[0].number",
    "error unknown-field spec.ports[0].nmber",
  ],
  [
    "{hosts: [a.example], workloadSelector: {}}",
    "warning broad-match spec.workloadSelector",
    "warning ineffective-field spec.workloadSelector",
  ],
  [
    "{hosts: [a.example], resolution: STATIC, workloadSelector: {labels: {a: '*'}}}",
    "error invalid-value spec.workloadSelector.labels.a",
  ],
  [
    "{hosts: [a.example], resolution: STATIC, workloadSelector: {labels: {a: b}}, endpoints: [{address: 1.2.3.4}]}",
    "error conflicting-fields spec.workloadSelector",
  ],
  ["{hosts: [a.example], endpoints: [{address: 1.2.3.4}]}", "error conflicting-fields spec.endpoints"],
  [
    "{hosts: [a.example], resolution: DNS_ROUND_ROBIN, endpoints: [{address: a.b}, {address: c.d}]}",
    "error conflicting-fields spec.endpoints[1]",
  ],
  [
    "{hosts: [a.example], resolution: STATIC, endpoints: [{address: a.b}]}",
    "error invalid-address spec.endpoints[0].address",
  ],
  [
    "{hosts: [a.example], resolution: DNS, endpoints: [{address: unix:///a}]}",
    "error invalid-address spec.endpoints[0].address",
  ],
  [
    "{hosts: [a.example], resolution: STATIC, endpoints: [{address: unix:///a}]}",
    "error conflicting-fields spec.endpoints[0].address",
  ],
  [
    `{hosts: [a.example], resolution: STATIC, ${http}, endpoints: [{address: 1.2.3.4, ports: {grpc: 1}}]}`,
    "error port-not-found spec.endpoints[0].ports.grpc",
  ],
  [`{hosts: [a.example, b.example], resolution: STATIC, ${http}}`],
  [
    "{hosts: [a.example, b.example], resolution: STATIC, ports: [{number: 1, name: a, protocol: TCP}]}",
    "error conflicting-fields spec.hosts",
  ],
  ["{hosts: [a.example, b.example], ports: [{number: 1, name: a, protocol: TCP}]}"],
  ["{hosts: ['*.example'], resolution: DYNAMIC_DNS}", "warning unsupported-field spec.resolution"],
  ["{hosts: [a.example], resolution: GUESS}", "error invalid-value spec.resolution"],
  ["{hosts: [a.example], exportTo: ['*', a]}", "error invalid-value spec.exportTo"],
] as const) {
  test(`${spec} → ${expected.join(", ") || "no remark"}`, (t) => t.deepEqual(decode(spec).summary, expected));
}
