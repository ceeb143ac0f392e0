// A small mesh with a bit of everything that routes, policies and endpoints can depend on, and edits of one file at a time: the
// changes that a running mesh sees most, and that the compiler takes as steps.

import fc from "fast-check";
import type { Edit } from "./edits.ts";
import { serviceFileNames, serviceFiles } from "./service-files.ts";
import { workloadFileNames, workloadFiles } from "./workload-files.ts";

const namespaces = ["default", "shop"] as const;

function service(name: string, namespace: string, ports: string, more = ""): string {
  return `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { ports: [${ports}]${more} }
`;
}

const http = "{ name: http, port: 80 }";
const detectedAt = { default: "10.96.0.8", shop: "10.96.0.9" } as const;

function slice(
  name: string,
  namespace: string,
  addresses: readonly string[],
  port = "{ name: http, port: 8080 }",
): string {
  const endpoints = addresses.map((address) => `{ addresses: [${address}], conditions: { ready: true } }`);
  return `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${name}-1, namespace: ${namespace}, labels: { kubernetes.io/service-name: ${name} } }
addressType: IPv4
ports: [${port}]
endpoints: [${endpoints.join(", ")}]
`;
}

function rule(name: string, namespace: string, spec: string): string {
  return `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${name}, namespace: ${namespace} }
spec: ${spec}
`;
}

function routes(name: string, namespace: string, spec: string): string {
  return `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name}, namespace: ${namespace} }
spec: ${spec}
`;
}

const still: Readonly<Record<string, string>> = {
  "mesh/services.yaml": [
    ...namespaces.flatMap((namespace) => [
      service("web", namespace, http),
      service("api", namespace, `{ name: grpc, port: 90 }, ${http}`),
      service("db", namespace, "{ name: tcp, port: 5432 }"),
      service("peers", namespace, "{ name: tcp, port: 7000 }, { name: http, port: 80 }", ", clusterIP: None"),
      service("picked", namespace, http, ", selector: { app: b }"),
      service("some", namespace, "{ name: any, port: 6000 }", `, clusterIP: ${detectedAt[namespace]}`),
    ]),
  ].join("---\n"),
  "mesh/gateway.yaml": `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: front, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - { port: { number: 80, name: http, protocol: HTTP }, hosts: ["*"] }
    - { port: { number: 81, name: http-some, protocol: HTTP }, hosts: [only.routed.example, "shop/*.example.com"], tls: { httpsRedirect: true } }
    - { port: { number: 5432, name: tcp, protocol: TCP }, hosts: ["*"] }
    - { port: { number: 443, name: tls, protocol: TLS }, hosts: ["*.example"], tls: { mode: PASSTHROUGH } }
`,
  // With it there is a table of all ports, in which hosts are called by their ports as well.
  "mesh/settings.yaml": `apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data: { mesh: "proxyHttpPort: 15080" }
`,
  "mesh/outside.yaml": `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: outside, namespace: shop }
spec: { hosts: [outside.example.com, "*.wild.example.com", web.shop], ports: [{ number: 80, name: http, protocol: HTTP }], resolution: NONE }
`,
};

const address = fc.constantFrom("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.9.9.9");
const host = fc.constantFrom(
  "web",
  "api",
  "api.shop.svc.cluster.local",
  "web.default.svc.cluster.local",
  "db",
  "some",
  "other-name",
  "nowhere",
  "late",
  "new.example.com",
  "one.many.example.com",
);
const namespace = fc.constantFrom(...namespaces);

const endpointFile = fc
  .record({
    name: fc.constantFrom("web", "api", "db", "peers", "picked", "late", "one"),
    namespace,
    addresses: fc.uniqueArray(address, { maxLength: 3 }),
  })
  .map(({ name, namespace, addresses }) => {
    const port = name === "db" || name === "peers" ? "{ name: tcp, port: 9000 }" : undefined;
    return { name: `endpoints/${namespace}-${name}.yaml`, text: slice(name, namespace, addresses, port) };
  });

const sections = fc.constantFrom(
  "connectionPool: { tcp: { maxConnections: 5 } }",
  "loadBalancer: { consistentHash: { httpHeaderName: x-user } }",
  "connectionPool: { tcp: { idleTimeout: 5s } }",
  "tls: { mode: DISABLE }",
  "tls: { mode: SIMPLE, credentialName: cert }",
  "connectionPool: { http: { useClientProtocol: true } }",
);

const ruleFile = fc
  .record({
    host: fc.oneof(
      { weight: 9, arbitrary: host },
      { weight: 1, arbitrary: fc.constant('"*.shop.svc.cluster.local"') },
    ),
    namespace,
    subsets: fc.uniqueArray(fc.constantFrom("v1", "v2"), { maxLength: 2 }),
    policy: sections,
    reach: fc.constantFrom("", ', exportTo: ["."]', ", workloadSelector: { matchLabels: { app: b } }"),
  })
  .map(({ host, namespace, subsets, policy, reach }) => ({
    name: `rules/${namespace}-${host.replaceAll(/\\W/g, "")}.yaml`,
    text: rule(
      host.replaceAll(/[^a-z]/g, ""),
      namespace,
      `{ host: ${host}, trafficPolicy: { ${policy} }, subsets: [${subsets.map((name) => `{ name: ${name}, labels: { version: ${name} } }`).join(", ")}]${reach} }`,
    ),
  }));

const action = fc
  .record({
    to: host,
    subset: fc.constantFrom("", ", subset: v1", ", subset: v2"),
    weight: fc.integer({ min: 1, max: 99 }),
  })
  .map(
    ({ to, subset, weight }) =>
      `{ route: [{ destination: { host: ${to}${subset} }, weight: ${weight} }, { destination: { host: web }, weight: ${100 - weight} }] }`,
  );

const routeFile = fc
  .record({
    index: fc.nat(3),
    hosts: fc.uniqueArray(
      fc.constantFrom(
        "web",
        "db",
        "some",
        "api",
        "api.shop.svc.cluster.local",
        "other-name",
        "only.routed.example",
        "a.example.com",
        "late",
        "new.example.com",
        '"*.wild.example.com"',
      ),
      { minLength: 1, maxLength: 2 },
    ),
    namespace,
    rules: fc.array(action, { minLength: 1, maxLength: 2 }),
    match: fc.constantFrom(
      "",
      "{ match: [{ sourceLabels: { app: b } }], route: [{ destination: { host: web } }] }, ",
    ),
    more: fc.constantFrom(
      "",
      "",
      "",
      ', exportTo: ["."]',
      ", gateways: [mesh, shop/front]",
      ", gateways: [shop/front]",
      ", gateways: [mesh, shop/front], tcp: [{ match: [{ port: 5432 }], route: [{ destination: { host: db } }] }]",
      ", tcp: [{ match: [{ port: 5432 }], route: [{ destination: { host: db } }] }]",
    ),
  })
  .map(({ index, hosts, namespace, rules, match, more }) => ({
    name: `routes/${index}.yaml`,
    text: routes(
      `r${index}`,
      namespace,
      `{ hosts: [${hosts.join(", ")}], http: [${match}${rules.join(", ")}]${more} }`,
    ),
  }));

/** What sidecars and gateways do with connections that they do not open. */
const connectionFile = fc
  .record({
    to: host,
    port: fc.constantFrom("tls", "tcp"),
    namespace,
    at: fc.constantFrom("only.routed.example", "one.many.example.com", '"*.many.example.com"'),
    who: fc.constantFrom("shop/front", "mesh, shop/front", "mesh"),
  })
  .map(({ to, port, namespace, at, who }) => {
    const route = `route: [{ destination: { host: ${to} } }]`;
    const rules =
      port === "tcp" ? `tcp: [{ ${route} }]` : `tls: [{ match: [{ sniHosts: [${at}] }], ${route} }]`;
    return {
      name: "routes/connections.yaml",
      text: routes("connections", namespace, `{ hosts: [${at}], gateways: [${who}], ${rules} }`),
    };
  });

/** Roots that delegate, and what they delegate to; a root may also say what another set of routes does. */
const delegateFile = fc
  .record({
    isRoot: fc.boolean(),
    to: host,
    prefix: fc.constantFrom("/a", "/b"),
    namespace,
  })
  .map(({ isRoot, to, prefix, namespace }) => {
    const match = `match: [{ uri: { prefix: ${prefix} } }]`;
    const spec = isRoot
      ? `{ hosts: [web], gateways: [mesh, shop/front], http: [{ ${match}, delegate: { name: part, namespace: ${namespace} } }] }`
      : `{ http: [{ ${match}, route: [{ destination: { host: ${to} } }] }] }`;
    return {
      name: isRoot ? "routes/root.yaml" : `routes/part-${namespace}.yaml`,
      text: routes(isRoot ? "root" : "part", isRoot ? "shop" : namespace, spec),
    };
  });

const egressPort = (protocol: string) =>
  `{ port: { number: 80, protocol: ${protocol}, name: own }, bind: 127.0.0.7, captureMode: NONE, hosts: ["*/*"] }`;
const scopes = [
  '{ egress: [{ hosts: ["shop/*"] }] }',
  '{ egress: [{ hosts: ["./*"] }] }',
  `{ egress: [${egressPort("HTTP")}, { hosts: ["./*"] }] }`,
  `{ egress: [${egressPort("TCP")}] }`,
  '{ egress: [{ port: { number: 6000, name: any }, hosts: ["*/*"] }, { hosts: ["./*"] }] }',
  "{ ingress: [{ port: { number: 8080, protocol: HTTP, name: http } }] }",
];
const scope = fc.constantFrom(...scopes).map((spec) => ({
  name: "scope.yaml",
  text: `apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: shop }
spec: ${spec}
`,
}));

/** With other names there are fewer small steps, so that they are not always there. */
const otherName = fc.constant({
  name: "other-name.yaml",
  text: service(
    "other-name",
    "default",
    http,
    ", type: ExternalName, externalName: api.shop.svc.cluster.local",
  ),
});

const write = fc.oneof(
  { weight: 6, arbitrary: endpointFile },
  { weight: 5, arbitrary: ruleFile },
  { weight: 6, arbitrary: routeFile },
  { weight: 3, arbitrary: delegateFile },
  { weight: 2, arbitrary: connectionFile },
  { weight: 6, arbitrary: workloadFiles },
  { weight: 8, arbitrary: serviceFiles },
  { weight: 1, arbitrary: scope },
  { weight: 1, arbitrary: otherName },
);

const remove = fc
  .constantFrom(
    "routes/0.yaml",
    "routes/1.yaml",
    "routes/part-shop.yaml",
    "rules/shop-api.yaml",
    "endpoints/shop-web.yaml",
    "scope.yaml",
    "other-name.yaml",
    ...workloadFileNames,
    ...serviceFileNames,
  )
  .map((name): Edit => ({ upserted: [], removed: [name] }));

/** Everything that stays, to begin with. */
export const wholeMesh: Edit = {
  upserted: Object.entries(still).map(([name, text]) => ({ name, text })),
  removed: [],
};

/** Edits of one file each. */
export const smallSteps: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: write.map((file): Edit => ({ upserted: [file], removed: [] })) },
    { weight: 2, arbitrary: remove },
  ),
  { minLength: 3, maxLength: 12 },
);
