// Gateways that pass TLS and TCP through, and VirtualServices for them, made up at random: which server a connection reaches at a real
// gateway is what the reference says.

import test from "ava";
import fc from "fast-check";
import { type Application, startApplication } from "../end-to-end/application.ts";
import { answerOf, type Mesh, startMesh } from "../end-to-end/mesh.ts";
import { tlsRequest } from "../end-to-end/tls-client.ts";
import { issueTestCertificate } from "../envoy/index.ts";
import { compare } from "./compare.ts";
import { networkingText, subsetsText } from "./objects.ts";
import {
  destinationOf,
  type Gateway,
  type Match,
  type PassingService,
  type Rule,
  type TlsMatch,
} from "./tls-route.ts";

const ports = { tls: 21500, otherTls: 21501, tcp: 21502, servers: 21400 } as const;
const numbers = [ports.tls, ports.otherTls, ports.tcp] as const;
/** They speak TLS themselves. */
const servers = {
  "secure-v1": { address: "127.0.46.11", host: "secure.test", subset: "v1" },
  "secure-v2": { address: "127.0.46.12", host: "secure.test", subset: "v2" },
  other: { address: "127.0.46.13", host: "other.test", subset: undefined },
} as const;
type ServerName = keyof typeof servers;
const names = Object.keys(servers) as ServerName[];

let mesh: Mesh;
let applications: readonly Application[] = [];

const entry = (host: string) =>
  networkingText(
    "ServiceEntry",
    { name: host, namespace: "shop" },
    {
      hosts: [host],
      location: "MESH_EXTERNAL",
      resolution: "STATIC",
      ports: [{ number: 443, name: "tls", protocol: "TLS", targetPort: ports.servers }],
      endpoints: Object.values(servers)
        .filter((server) => server.host === host)
        .map(({ address, subset }) => ({ address, ...(subset && { labels: { version: subset } }) })),
    },
  );

test.before(async () => {
  const tls = await issueTestCertificate("any.example");
  applications = await Promise.all(
    names.map((name) => startApplication({ name, host: servers[name].address, port: ports.servers, tls })),
  );
  mesh = await startMesh({
    net: 46,
    members: [{ name: "ingress", at: 2, envoy: "gateway" }],
    files: {
      "servers.yaml": ["secure.test", "other.test"].map(entry).join("---\n"),
      "subsets.yaml": subsetsText("secure.test", "secure"),
    },
  });
});

test.after.always(async () => {
  await mesh?.stop();
  await Promise.all(applications.map((application) => application.stop()));
});

const patterns = ["*", "*.example.com", "a.example.com", "b.example.com", "*.a.example.com", "other.org"];
const offered = fc.uniqueArray(
  fc
    .tuple(
      fc.constantFrom("", "", "", "", "*/", "./", "shop/", "elsewhere/"),
      fc.constantFrom("*", "*.example.com", ...patterns),
    )
    .map(([namespace, pattern]) => namespace + pattern),
  { minLength: 2, maxLength: 4, selector: patternOf },
);
function patternOf(host: string): string {
  return host.split("/").at(-1) ?? "";
}

const gateways: fc.Arbitrary<readonly Gateway[]> = fc
  .tuple(offered, offered, offered, offered)
  .map(([first, second, third, plain]): readonly Gateway[] => {
    // No two servers of a port may offer the same name.
    const taken = first.map(patternOf);
    const rest = second.filter((host) => !taken.includes(patternOf(host)));
    return [
      {
        name: "front-0",
        servers: [
          { port: ports.tls, protocol: "TLS", hosts: first },
          { port: ports.otherTls, protocol: "TLS", hosts: third },
          { port: ports.tcp, protocol: "TCP", hosts: plain },
        ],
      },
      {
        name: "front-1",
        servers: [{ port: ports.tls, protocol: "TLS", hosts: rest.length > 0 ? rest : ["nobody.org"] }],
      },
    ];
  });

const match: fc.Arbitrary<Match> = fc
  .record({
    port: fc.option(fc.constantFrom(...numbers), { nil: undefined, freq: 2 }),
    gateways: fc.option(fc.constantFrom(["front-0"], ["front-1"], ["front-0", "front-1"]), {
      nil: undefined,
      freq: 2,
    }),
  })
  .map(({ port, gateways }) => ({ ...(port && { port }), ...(gateways && { gateways }) }));
const to = fc.constantFrom(...names);
/** What `*.example.com` and the like contain. */
const within = (host: string) =>
  patterns.filter((each) => each === host || (host.startsWith("*") && each.endsWith(host.slice(1))));
const rulesFor = (hosts: readonly string[]) =>
  fc.record({
    tls: fc.array(
      fc.record({
        match: fc.array(
          fc
            .tuple(
              match,
              fc.uniqueArray(fc.constantFrom(...hosts.flatMap(within)), { minLength: 1, maxLength: 2 }),
            )
            .map(([more, sniHosts]): TlsMatch => ({ sniHosts, ...more })),
          { minLength: 1, maxLength: 2 },
        ),
        to,
      }),
      { minLength: 1, maxLength: 3 },
    ),
    tcp: fc.array(
      fc.record(
        {
          match: fc.array(
            match.filter((made) => Object.keys(made).length > 0),
            { minLength: 1, maxLength: 2 },
          ),
          to,
        },
        { requiredKeys: ["to"] },
      ),
      { minLength: 1, maxLength: 2 },
    ),
  });
const services: fc.Arbitrary<readonly PassingService[]> = fc
  .array(
    fc
      .oneof(
        fc.constantFrom(...patterns).map((pattern) => [pattern]),
        fc.subarray(["a.example.com", "b.example.com", "other.org"], { minLength: 2, maxLength: 2 }),
        fc.constant(["*.a.example.com", "a.example.com"]),
      )
      .chain((hosts) =>
        fc.record({
          namespace: fc.constantFrom("shop", "elsewhere"),
          hosts: fc.constant(hosts),
          gateways: fc.constantFrom(["front-0"], ["front-1"], ["front-0", "front-1"], ["front-0", "front-1"]),
          rules: rulesFor(hosts),
        }),
      ),
    { minLength: 2, maxLength: 5 },
  )
  .map((all) => all.map(({ rules, ...each }, index) => ({ ...each, ...rules, name: `service-${index}` })));

const connection = fc.record({
  port: fc.constantFrom(ports.tls, ports.otherTls, ...numbers),
  sni: fc.constantFrom(
    ...["a.example.com", "b.example.com", "c.example.com", "x.a.example.com", "other.org", "example.com", ""],
  ),
});

function gatewayText({ name, servers }: Gateway): string {
  return networkingText(
    "Gateway",
    { name, namespace: "shop" },
    {
      selector: { istio: "ingressgateway" },
      servers: servers.map(({ port, protocol, hosts }, index) => ({
        port: { number: port, name: `port-${index}`, protocol },
        hosts,
        ...(protocol === "TLS" && { tls: { mode: "PASSTHROUGH" } }),
      })),
    },
  );
}

/** The younger, the later in the list. */
function serviceText({ name, namespace, hosts, gateways, tls, tcp }: PassingService, index: number): string {
  const atGateways = (all: readonly string[]) => all.map((gateway) => `shop/${gateway}`);
  const rules = (all: readonly Rule<Match>[]) =>
    all.map(({ match, to }) => {
      const { host, subset } = servers[to as ServerName];
      return {
        ...(match && {
          match: match.map((each) => ({
            ...each,
            ...(each.gateways && { gateways: atGateways(each.gateways) }),
          })),
        }),
        route: [{ destination: { host, port: { number: 443 }, ...(subset && { subset }) } }],
      };
    });
  const spec = { hosts, gateways: atGateways(gateways), tls: rules(tls), tcp: rules(tcp) };
  const metadata = { name, namespace, creationTimestamp: `2026-01-01T00:00:0${index}Z` };
  return networkingText("VirtualService", metadata, spec);
}

test("a connection that a gateway does not open reaches whom the reference says", (t) =>
  compare(t, {
    policies: fc.record({ gateways, services }),
    requests: connection,
    requestsPerPolicy: 24,
    apply: async ({ gateways, services }) => {
      const texts = [...gateways.map(gatewayText), ...services.map(serviceText)];
      await mesh.policy(...texts);
      return texts.join("---\n");
    },
    expected: ({ gateways, services }, made) => destinationOf(gateways, services, made) ?? "nobody",
    actual: async ({ port, sni }) => {
      const at = { host: mesh.address("ingress"), port, serverName: sni, headers: { host: "any.example" } };
      const answer = await tlsRequest(at).catch(() => undefined);
      return answer ? answerOf(answer).server : "nobody";
    },
    kind: (who) => who,
  }));
