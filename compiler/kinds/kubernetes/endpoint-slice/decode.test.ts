import test from "ava";
import { decodeYaml } from "../../shared/decode-yaml.ts";
import { endpoints } from "../endpoints/index.ts";
import { endpointSlice } from "./index.ts";

test("a slice", (t) => {
  const { facts, summary } = decodeYaml(
    `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-x1, namespace: shop, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{name: http, port: 8080, protocol: TCP}]
endpoints:
- {addresses: [10.0.0.1], conditions: {ready: true}, targetRef: {kind: Pod, name: web-1, namespace: shop}, nodeName: n1, zone: z1}
- {addresses: [10.0.0.2]}
- {addresses: [10.0.0.3], conditions: {ready: false, serving: true, terminating: true}}
- {addresses: [10.0.0.4], conditions: {ready: false, serving: false}}
`,
    [endpointSlice],
  );
  t.deepEqual(summary, []);
  const [fact] = facts;
  if (fact?.type !== "endpoints") return t.fail();
  const { origin, ...value } = fact.value;
  t.is(origin.name, "web-x1");
  t.deepEqual(value, {
    serviceName: "web",
    namespace: "shop",
    ports: [{ name: "http", number: 8080 }],
    endpoints: [
      { addresses: ["10.0.0.1"], state: "ready", pod: "web-1", zone: "z1", nodeName: "n1" },
      { addresses: ["10.0.0.2"], state: "ready" },
      { addresses: ["10.0.0.3"], state: "draining" },
      { addresses: ["10.0.0.4"], state: "not-ready" },
    ],
  });
});

for (const [name, labels, addressType] of [
  ["no service", "{}", "IPv4"],
  ["names", "{kubernetes.io/service-name: web}", "FQDN"],
] as const) {
  test(`a slice of ${name} yields nothing`, (t) => {
    const { facts, summary } = decodeYaml(
      `{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: x, labels: ${labels}}, addressType: ${addressType}, endpoints: []}`,
      [endpointSlice],
    );
    t.deepEqual(facts, []);
    t.deepEqual(summary, []);
  });
}

test("Endpoints: a set per subset", (t) => {
  const { facts, summary } = decodeYaml(
    `
apiVersion: v1
kind: Endpoints
metadata: {name: web, namespace: shop}
subsets:
- addresses: [{ip: 10.0.0.1, targetRef: {kind: Pod, name: web-1}, nodeName: n1}]
  notReadyAddresses: [{ip: 10.0.0.2}]
  ports: [{name: http, port: 8080}]
- addresses: [{ip: 10.0.0.3}]
  ports: [{port: 9090}]
`,
    [endpoints],
  );
  t.deepEqual(summary, []);
  t.deepEqual<unknown, unknown>(
    facts.map((fact) => {
      if (fact.type !== "endpoints") throw new Error(fact.type);
      const { origin, ...rest } = fact.value;
      return rest;
    }),
    [
      {
        serviceName: "web",
        namespace: "shop",
        ports: [{ name: "http", number: 8080 }],
        endpoints: [
          { addresses: ["10.0.0.1"], state: "ready", pod: "web-1", nodeName: "n1" },
          { addresses: ["10.0.0.2"], state: "not-ready" },
        ],
      },
      {
        serviceName: "web",
        namespace: "shop",
        ports: [{ name: "", number: 9090 }],
        endpoints: [{ addresses: ["10.0.0.3"], state: "ready" }],
      },
    ],
  );
});
