// A mesh whose clients see it differently, by namespace, place, labels, identity and kind, and edits of it: what several of them share
// must be what each would get if it were alone.

import fc from "fast-check";
import type { MeshProxy, PolicyFile } from "#compiler";
import { testCertificate, testKey } from "../../compiler/testing/credentials.ts";
import type { Edit } from "./edits.ts";

const namespaces = ["default", "shop", "bank"] as const;
const places = {
  none: undefined,
  east: { region: "eu", zone: "a", subzone: "1" },
  west: { region: "us", zone: "b", subzone: "2" },
};

function client(
  namespace: string,
  place: keyof typeof places,
  labels: MeshProxy["labels"],
  more: Partial<MeshProxy> = {},
): MeshProxy {
  const name = [place, ...Object.values(labels), ...Object.values(more)].join("-").toLowerCase();
  const locality = places[place];
  return {
    id: `${name}.${namespace}`,
    name,
    namespace,
    type: "sidecar",
    ip: "10.9.9.9",
    labels,
    serviceAccount: "default",
    interceptionMode: "REDIRECT",
    hasIdentity: true,
    ...(locality ? { locality } : {}),
    ...more,
  };
}

/** Pairs that differ in one thing each, and some that differ in several. */
export const crowd: readonly MeshProxy[] = [
  ...namespaces.map((namespace) => client(namespace, "none", {})),
  client("shop", "east", {}),
  client("bank", "east", {}),
  client("shop", "west", { tier: "gold" }),
  client("shop", "west", { tier: "silver" }),
  client("bank", "west", { tier: "gold", app: "b" }),
  client("bank", "none", {}, { hasIdentity: false }),
  client("shop", "none", {}, { interceptionMode: "NONE" }),
  client("default", "east", { app: "b" }, { type: "router" }),
  client("bank", "west", { app: "b" }, { type: "proxyless" }),
];

function object(kind: string, name: string, namespace: string, spec: string): string {
  return `apiVersion: networking.istio.io/v1
kind: ${kind}
metadata: { name: ${name}, namespace: ${namespace} }
spec: ${spec}
`;
}

function service(name: string, namespace: string, ports: string, more = ""): string {
  return `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { ports: [${ports}]${more} }
`;
}

const spread = [
  "{ address: 10.1.0.1, locality: eu/a/1, labels: { version: v1, tier: gold } }",
  "{ address: 10.1.0.2, locality: eu/b/1, labels: { version: v2, tier: silver } }",
  "{ address: 10.1.0.3, locality: us/b/2, labels: { version: v1, tier: silver } }",
].join(", ");

const http = "{ name: http, port: 80 }";
const entryPorts = "[{ number: 80, name: http, protocol: HTTP }, { number: 443, name: tls, protocol: TLS }]";

const authority = `ca.crt: ${JSON.stringify(testCertificate)}`;
const certificate = `tls.crt: ${JSON.stringify(testCertificate)}, tls.key: ${JSON.stringify(testKey)}`;

function secret(name: string, namespace: string, parts: string): string {
  return `apiVersion: v1
kind: Secret
metadata: { name: ${name}, namespace: ${namespace} }
stringData: { ${parts} }
`;
}

const goldOnly = "selector: { matchLabels: { tier: gold } }, ";

function guardFile(namespace: string, selector: string, action: string): PolicyFile {
  const name = selector === "" ? "all" : "gold";
  return {
    name: `guards/${namespace}-${name}.yaml`,
    text: `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ${name}, namespace: ${namespace} }
spec: { ${selector}action: ${action}, rules: [{ from: [{ source: { namespaces: [bank] } }] }] }
`,
  };
}

/** What is there to begin with. */
export const crowdedMesh: Edit = {
  upserted: [
    {
      name: "services.yaml",
      text: [
        ...namespaces.flatMap((namespace) => [
          service("web", namespace, `${http}, { name: auto, port: 81 }`),
          service(
            "peers",
            namespace,
            "{ name: tcp, port: 7000 }, { name: http, port: 80 }",
            ", clusterIP: None",
          ),
          service("db", namespace, "{ name: tcp, port: 5432 }"),
        ]),
      ].join("---\n"),
    },
    {
      name: "spread.yaml",
      text: ["spread", "wide", "secure"]
        .map((name) =>
          object(
            "ServiceEntry",
            name,
            "default",
            `{ hosts: [${name}.example.com], location: MESH_INTERNAL, resolution: STATIC, ports: ${entryPorts}, endpoints: [${spread}] }`,
          ),
        )
        .join("---\n"),
    },
    {
      name: "secure.yaml",
      text: object(
        "DestinationRule",
        "secure",
        "default",
        "{ host: secure.example.com, trafficPolicy: { tls: { mode: MUTUAL, credentialName: roots } } }",
      ),
    },
    { name: "secrets/shop.yaml", text: secret("roots", "shop", `${certificate}, ${authority}`) },
    { name: "secrets/bank.yaml", text: secret("roots", "bank", authority) },
    guardFile("shop", "", "ALLOW"),
    guardFile("shop", goldOnly, "DENY"),
  ],
  removed: [],
};

const sections = [
  "connectionPool: { tcp: { maxConnections: 5 } }",
  "outlierDetection: { consecutive5xxErrors: 3 }",
  "outlierDetection: { consecutive5xxErrors: 3 }, loadBalancer: { localityLbSetting: { failoverPriority: [tier] } }",
  'outlierDetection: { consecutive5xxErrors: 3 }, loadBalancer: { localityLbSetting: { failoverPriority: ["tier=gold", topology.kubernetes.io/zone] } }',
  "outlierDetection: { consecutive5xxErrors: 3 }, loadBalancer: { localityLbSetting: { failover: [{ from: eu, to: us }] } }",
  'loadBalancer: { localityLbSetting: { distribute: [{ from: "eu/*", to: { "eu/*": 80, "us/*": 20 } }] } }',
  "loadBalancer: { localityLbSetting: { enabled: false } }",
  "loadBalancer: { consistentHash: { httpHeaderName: x-user } }",
  "tls: { mode: SIMPLE, credentialName: roots }",
  "tls: { mode: MUTUAL, credentialName: roots }",
  "tls: { mode: ISTIO_MUTUAL }",
  "connectionPool: { http: { useClientProtocol: true } }",
] as const;

/** Where a section stands: for the host, for one port, for a subset, or for a subset's port. */
const policies = fc
  .tuple(fc.constantFrom(...sections), fc.constantFrom("host", "port", "subset", "subset port"))
  .map(([section, where]) => {
    const ofPort = `portLevelSettings: [{ port: { number: 80 }, ${section} }]`;
    const subset = (more: string) => `subsets: [{ name: v1, labels: { version: v1 }${more} }]`;
    switch (where) {
      case "host":
        return `trafficPolicy: { ${section} }, ${subset("")}`;
      case "port":
        return `trafficPolicy: { ${ofPort} }, ${subset("")}`;
      case "subset":
        return subset(`, trafficPolicy: { ${section} }`);
      default:
        return subset(`, trafficPolicy: { ${ofPort} }`);
    }
  });

const hosts = [
  "spread.example.com",
  "wide.example.com",
  "web.shop.svc.cluster.local",
  "web.bank.svc.cluster.local",
  "peers.shop.svc.cluster.local",
] as const;
const namespace = fc.constantFrom(...namespaces, "istio-system");

const rule = fc
  .record({
    host: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...hosts) },
      { weight: 1, arbitrary: fc.constantFrom('"*.example.com"', '"*.svc.cluster.local"') },
    ),
    namespace,
    policy: policies,
    more: fc.constantFrom(
      "",
      "",
      ', exportTo: ["."]',
      ", exportTo: [bank]",
      ", workloadSelector: { matchLabels: { tier: gold } }",
      ", workloadSelector: { matchLabels: { app: b } }",
    ),
  })
  .map(({ host, namespace, policy, more }) => {
    const name = `${host.replaceAll(/[^a-z]/g, "")}-${more.replaceAll(/[^a-zA-Z]/g, "").toLowerCase()}x`;
    return {
      name: `rules/${namespace}-${name}.yaml`,
      text: object("DestinationRule", name, namespace, `{ host: ${host}, ${policy}${more} }`),
    };
  });

const match = fc.constantFrom(
  "",
  "match: [{ sourceNamespace: shop }], ",
  "match: [{ sourceLabels: { tier: gold } }], ",
  "match: [{ port: 80 }, { uri: { prefix: /v1 } }], ",
  "match: [{ gateways: [mesh], sourceNamespace: bank, sourceLabels: { app: b } }], ",
);

const routes = fc
  .record({
    host: fc.constantFrom(...hosts, "only.routed.example"),
    namespace,
    match,
    to: fc.constantFrom(...hosts),
    subset: fc.constantFrom("", ", subset: v1"),
    exportTo: fc.constantFrom("", "", ', exportTo: ["."]', ", exportTo: [shop, bank]"),
  })
  .map(({ host, namespace, match, to, subset, exportTo }) => {
    const name = host.replaceAll(/[^a-z]/g, "");
    const rules = `{ ${match}route: [{ destination: { host: ${to}${subset}, port: { number: 80 } } }] }, { route: [{ destination: { host: wide.example.com, port: { number: 80 } } }] }`;
    return {
      name: `routes/${namespace}-${name}.yaml`,
      text: object("VirtualService", name, namespace, `{ hosts: [${host}], http: [${rules}]${exportTo} }`),
    };
  });

const credential = fc
  .record({
    namespace: fc.constantFrom(...namespaces),
    parts: fc.constantFrom(certificate, authority, `${certificate}, ${authority}`),
  })
  .map(({ namespace, parts }) => ({
    name: `secrets/${namespace}.yaml`,
    text: secret("roots", namespace, parts),
  }));

const scope = fc
  .record({
    namespace: fc.constantFrom("shop", "bank", "istio-system"),
    selector: fc.constantFrom("", "workloadSelector: { labels: { tier: gold } }, "),
    hosts: fc.constantFrom('"./*"', '"shop/*"', '"./*", "default/*"', '"*/spread.example.com", "~/*"'),
    more: fc.constantFrom("", ", outboundTrafficPolicy: { mode: REGISTRY_ONLY }"),
  })
  .filter(({ namespace, selector }) => namespace !== "istio-system" || selector === "")
  .map(({ namespace, selector, hosts, more }) => ({
    name: `scopes/${namespace}.yaml`,
    text: object("Sidecar", "default", namespace, `{ ${selector}egress: [{ hosts: [${hosts}] }]${more} }`),
  }));

const address = fc.constantFrom("10.0.0.1", "10.0.0.2", "10.9.9.9");

const endpoints = fc
  .record({
    name: fc.constantFrom("web", "peers", "db"),
    namespace: fc.constantFrom(...namespaces),
    addresses: fc.uniqueArray(address, { maxLength: 2 }),
  })
  .map(({ name, namespace, addresses }) => ({
    name: `endpoints/${namespace}-${name}.yaml`,
    text: `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${name}-1, namespace: ${namespace}, labels: { kubernetes.io/service-name: ${name} } }
addressType: IPv4
ports: [{ name: http, port: 8080 }, { name: tcp, port: 9000 }, { name: auto, port: 8081 }]
endpoints: [${addresses.map((each) => `{ addresses: [${each}], conditions: { ready: true } }`).join(", ")}]
`,
  }));

/** The same host in another namespace, for some or for all, and one that only some namespaces see. */
const rival = fc
  .record({
    namespace: fc.constantFrom(...namespaces),
    host: fc.constantFrom("wide.example.com", "new.example.com"),
    exportTo: fc.constantFrom("", ', exportTo: ["."]', ", exportTo: [shop]"),
  })
  .map(({ namespace, host, exportTo }) => ({
    name: `rivals/${namespace}.yaml`,
    text: object(
      "ServiceEntry",
      "rival",
      namespace,
      `{ hosts: [${host}], resolution: STATIC, ports: [{ number: 80, name: http, protocol: HTTP }, { number: 90, name: tcp, protocol: TCP }], endpoints: [${spread}]${exportTo} }`,
    ),
  }));

const selected = fc.constantFrom("", goldOnly);

const peers = fc
  .record({ namespace, selector: selected, mode: fc.constantFrom("STRICT", "DISABLE", "PERMISSIVE") })
  .map(({ namespace, selector, mode }) => ({
    name: `peers/${namespace}-${selector.length}.yaml`,
    text: `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: peers-${selector.length}, namespace: ${namespace} }
spec: { ${selector}mtls: { mode: ${mode} } }
`,
  }));

const guard = fc
  .record({ namespace, selector: selected, action: fc.constantFrom("ALLOW", "DENY") })
  .map(({ namespace, selector, action }) => guardFile(namespace, selector, action));

const file = fc.oneof(
  { weight: 8, arbitrary: rule },
  { weight: 6, arbitrary: routes },
  { weight: 4, arbitrary: endpoints },
  { weight: 2, arbitrary: credential },
  { weight: 2, arbitrary: rival },
  { weight: 1, arbitrary: scope },
  { weight: 1, arbitrary: peers },
  { weight: 2, arbitrary: guard },
);

/** Settings of the mesh; each says one thing. */
const settings = fc.constantFrom(
  "{}",
  "outboundTrafficPolicy: { mode: REGISTRY_ONLY }",
  'defaultDestinationRuleExportTo: ["."]',
  'defaultServiceExportTo: ["."]',
  'defaultVirtualServiceExportTo: ["."]',
  "localityLbSetting: { failoverPriority: [tier] }",
  "localityLbSetting: { failover: [{ from: eu, to: us }] }",
  "localityLbSetting: { enabled: false }",
  "enableAutoMtls: false",
  "h2UpgradePolicy: UPGRADE",
  "rootNamespace: shop",
);

export interface CrowdStep extends Edit {
  readonly meshConfig?: PolicyFile;
}

const configOf = (text: string) => ({ name: "mesh-config.yaml", text });

const step: fc.Arbitrary<CrowdStep> = fc.oneof(
  { weight: 12, arbitrary: file.map((each): CrowdStep => ({ upserted: [each], removed: [] })) },
  {
    weight: 2,
    arbitrary: fc
      .array(file, { minLength: 2, maxLength: 4 })
      .map((each): CrowdStep => ({ upserted: each, removed: [] })),
  },
  {
    weight: 2,
    arbitrary: fc
      .oneof(rule, routes, scope, credential, rival)
      .map((each): CrowdStep => ({ upserted: [], removed: [each.name] })),
  },
  {
    weight: 2,
    arbitrary: settings.map((text): CrowdStep => ({ upserted: [], removed: [], meshConfig: configOf(text) })),
  },
);

/** Edits, and before each the order in which clients ask: some of them not at all. */
export const crowdHistory = fc.tuple(
  fc.array(file, { minLength: 3, maxLength: 12 }).chain((files) =>
    settings.map(
      (text): CrowdStep => ({
        upserted: [...crowdedMesh.upserted, ...files],
        removed: [],
        meshConfig: configOf(text),
      }),
    ),
  ),
  fc.array(fc.record({ edit: step, asking: fc.shuffledSubarray([...crowd], { minLength: 6 }) }), {
    minLength: 2,
    maxLength: 6,
  }),
);
