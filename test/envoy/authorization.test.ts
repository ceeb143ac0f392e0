// Authorization policies in a real Envoy: everything we accept loads, and requests get the answer that Istio's
// semantics promise.

import { connect } from "node:net";
import { toJson } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { registry } from "@envoyproxy/protos-ts/registry";
import test from "ava";
import fc from "fast-check";
import { stringify } from "yaml";
import { findTemplateFlaw } from "../../compiler/5-emit/uri-template.ts";
import {
  authorizationFilters,
  authorizationPolicy,
} from "../../compiler/kinds/authorization-policy/index.ts";
import { findPathFlaw, toUriTemplate } from "../../compiler/kinds/authorization-policy/path-template.ts";
import type { PolicyTarget, Site } from "../../compiler/kinds/kind.ts";
import { decodeYaml } from "../../compiler/kinds/shared/decode-yaml.ts";
import { request } from "./client.ts";
import { startEnvoy, validateInEnvoy } from "./process.ts";

const target: PolicyTarget = {
  namespace: "shop",
  labels: {},
  rootNamespace: "istio-system",
  trustDomain: "cluster.local",
  trustDomainAliases: ["old.example"],
};

interface Policy {
  readonly action?: "ALLOW" | "DENY" | "AUDIT";
  readonly rules?: readonly unknown[];
}

/** The filters of a chain, as Envoy's JSON; the policies are taken as decoding lets them through. */
function filters(policies: readonly Policy[], protocol: Site["protocol"]): readonly object[] {
  const text = policies
    .map((spec, index) =>
      stringify({
        apiVersion: "security.istio.io/v1",
        kind: "AuthorizationPolicy",
        metadata: { name: `p${index}`, namespace: "shop" },
        spec,
      }),
    )
    .join("---\n");
  const facts = decodeYaml(text, [authorizationPolicy]).facts.flatMap((fact) =>
    fact.type === "filter-policy" ? [fact.value] : [],
  );
  const effective = authorizationFilters.resolve(facts, target);
  if (effective === undefined) return [];
  const made = authorizationFilters.contribute(effective, { direction: "inbound", protocol });
  return [...made.httpFilters, ...made.networkFilters].map(({ name, config }) => ({
    name,
    typedConfig: toJson(AnySchema, config, { registry }),
  }));
}

const typed = (type: string) => ({ "@type": `type.googleapis.com/${type}` });

/** An HTTP listener that answers every request with 200, and a TCP one that echoes. */
function bootstrap(policies: readonly Policy[]): string {
  const listener = (name: string, chain: readonly object[]) => ({
    name,
    address: { socketAddress: { address: "127.0.0.1", portValue: 0 } },
    filterChains: [{ filters: chain }],
  });
  const connectionManager = {
    name: "http",
    typedConfig: {
      ...typed("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"),
      statPrefix: "http",
      routeConfig: {
        virtualHosts: [
          {
            name: "all",
            domains: ["*"],
            routes: [{ match: { prefix: "/" }, directResponse: { status: 200 } }],
          },
        ],
      },
      httpFilters: [
        ...filters(policies, "http"),
        { name: "router", typedConfig: typed("envoy.extensions.filters.http.router.v3.Router") },
      ],
    },
  };
  // Network RBAC decides on the first byte: the filter behind it must answer to data, not to the connection.
  const echo = { name: "echo", typedConfig: typed("envoy.extensions.filters.network.echo.v3.Echo") };
  return JSON.stringify({
    admin: { address: { socketAddress: { address: "127.0.0.1", portValue: 0 } } },
    staticResources: {
      listeners: [
        listener("http", [connectionManager]),
        listener("tcp", [...filters(policies, "tcp"), echo]),
      ],
    },
  });
}

const everything: readonly Policy[] = [
  {},
  { action: "AUDIT", rules: [{}] },
  {
    action: "DENY",
    rules: [{ from: [{ source: { notPrincipals: ["*", "*/sa/a", "cluster.local/*", "a/b"] } }] }],
  },
  {
    rules: [
      {
        from: [
          {
            source: {
              principals: ["cluster.local/ns/a/sa/b", "*(odd[", "old.example/ns/a/sa/b"],
              requestPrincipals: ["*", "https://i/s", "*/s", "i/*", "x", "*x", "x*"],
              namespaces: ["a", "b-*", "*"],
              trustDomains: ["cluster.local", "*.corp", "x-*", "*"],
              ipBlocks: ["10.0.0.0/8", "::1"],
              remoteIpBlocks: ["2001:db8::/32"],
            },
          },
          { source: { serviceAccounts: ["a", "b/c"], notServiceAccounts: ["d"] } },
        ],
        to: [
          {
            operation: {
              hosts: ["a.example", "*.b", "c.*", "*"],
              methods: ["GET", "*"],
              paths: ["/a", "/a/*", "*/b", "*", "/{*}/x/{**}", "/{**}/x"],
              notPorts: ["0", "65535"],
            },
          },
        ],
        when: [
          { key: "request.headers[X-A]", values: ["a", "b*", "*c", "*"] },
          { key: "request.headers[:path]", notValues: ["a"] },
          { key: "request.experimental.inline.headers[X-B]", values: ["a(", "b*", "*c", "*"] },
          { key: "request.auth.audiences", values: ["a", "b*"] },
          { key: "request.auth.presenter", values: ["a"] },
          { key: "request.auth.claims[a][b]", values: ["a", "*"] },
          { key: "source.ip", values: ["10.0.0.1"] },
          { key: "remote.ip", notValues: ["10.0.0.1"] },
          { key: "source.namespace", values: ["a"] },
          { key: "source.principal", values: ["a"] },
          { key: "source.serviceAccount", values: ["a"] },
          { key: "source.trustDomain", values: ["a"] },
          { key: "destination.ip", values: ["10.0.0.0/8"] },
          { key: "destination.port", values: ["80"] },
          { key: "connection.sni", values: ["a", "*.b"] },
          { key: "experimental.envoy.filters.network.mysql_proxy[a]", values: ["[b]", "c"] },
        ],
      },
    ],
  },
];

test("Envoy loads every kind of condition, on HTTP and TCP", async (t) => {
  t.is(filters(everything, "http").length, 3);
  const { accepted, output } = await validateInEnvoy(bootstrap(everything));
  t.true(accepted, output);
  t.notRegex(output, /deprecated/i);
});

const templatePiece = fc.constantFrom(
  "{*}",
  "{**}",
  "a",
  "a.b",
  "%20",
  "x=1",
  "a*",
  "*",
  "{",
  "}",
  "{a}",
  "",
  "é",
  " ",
  "?q",
  "#f",
  "$(+)",
  "[",
  "~-_",
  ":@,;!&'",
);
const template = fc
  .tuple(
    fc.constantFrom("/", "/", "/", ""),
    fc.array(templatePiece, { minLength: 1, maxLength: 6 }),
    fc.constantFrom("", "", "/", ".txt"),
  )
  .map(([start, pieces, end]) => start + pieces.join("/") + end)
  .filter((path) => path.includes("{*}") || path.includes("{**}"));

test("Envoy loads every path template that we let through", async (t) => {
  const accepted = new Set<string>();
  const samples = fc.sample(template, { seed: 7, numRuns: 6000 });
  for (const path of samples) if (findPathFlaw(path) === undefined) accepted.add(path);
  t.true(accepted.size >= 60, `only ${accepted.size} of the samples are valid`);
  const paths = [...accepted];
  const validation = await validateInEnvoy(bootstrap([{ rules: [{ to: [{ operation: { paths } }] }] }]));
  t.true(validation.accepted, `${validation.output}\n${paths.join("\n")}`);
});

test("Envoy refuses, or aborts on, the templates that our reading of its grammar refuses", async (t) => {
  const refused = fc
    .sample(template, { seed: 11, numRuns: 400 })
    .map(toUriTemplate)
    .filter((path) => findTemplateFlaw(path) !== undefined);
  const distinct = [...new Set(refused)].slice(0, 25);
  t.is(distinct.length, 25);
  for (const path of distinct) {
    const loaded = bootstrap([{ rules: [{ to: [{ operation: { paths: ["/{*}"] } }] }] }]);
    const { accepted } = await validateInEnvoy(loaded.replaceAll('"/*"', JSON.stringify(path)));
    t.false(accepted, path);
  }
});

interface Sent {
  readonly path?: string;
  readonly method?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Case {
  readonly name: string;
  readonly policies: readonly Policy[];
  readonly allowed?: readonly Sent[];
  readonly denied?: readonly Sent[];
  readonly tcp: "open" | "closed";
}

const operation = (fields: object, from?: object) => ({
  ...(from === undefined ? {} : { from: [{ source: from }] }),
  to: [{ operation: fields }],
});

const cases: readonly Case[] = [
  { name: "no policy", policies: [], allowed: [{}], tcp: "open" },
  { name: "an ALLOW policy without rules", policies: [{}], denied: [{}], tcp: "closed" },
  { name: "a rule for everything", policies: [{ rules: [{}] }], allowed: [{}], tcp: "open" },
  {
    name: "DENY over ALLOW",
    policies: [
      { rules: [operation({ paths: ["/a*"] })] },
      { action: "DENY", rules: [operation({ paths: ["/admin", "/admin/*"] })] },
    ],
    allowed: [{ path: "/a" }, { path: "/administrator" }, { path: "/a?q=/admin" }],
    denied: [{ path: "/b" }, { path: "/admin" }, { path: "/admin/x" }, { path: "/admin?x" }],
    tcp: "closed",
  },
  {
    name: "path templates",
    policies: [{ rules: [operation({ paths: ["/user/{*}/home", "/files/{**}", "/x/{**}/end"] })] }],
    allowed: [
      { path: "/user/ann/home" },
      { path: "/user/ann/home?a=b" },
      { path: "/files/" },
      { path: "/files/a/b/c" },
      { path: "/x/a/b/end" },
    ],
    denied: [{ path: "/user/home" }, { path: "/user/a/b/home" }, { path: "/user//home" }, { path: "/file" }],
    tcp: "closed",
  },
  {
    name: "hosts without regard to case, and with their port",
    policies: [{ rules: [operation({ hosts: ["shop.example", "*.cdn.example"] })] }],
    allowed: [{ host: "Shop.Example" }, { host: "a.cdn.example" }],
    denied: [{ host: "shop.example:8080" }, { host: "cdn.example" }],
    tcp: "closed",
  },
  {
    name: "methods and headers",
    policies: [
      {
        rules: [
          {
            to: [{ operation: { methods: ["GET", "P*"], notMethods: ["PATCH"] } }],
            when: [{ key: "request.headers[x-tier]", values: ["gold", "silver-*"], notValues: ["*-old"] }],
          },
        ],
      },
    ],
    allowed: [{ headers: { "x-tier": "gold" } }, { method: "POST", headers: { "x-tier": "silver-2" } }],
    denied: [
      {},
      { method: "PATCH", headers: { "x-tier": "gold" } },
      { headers: { "x-tier": "silver-old" } },
      { method: "DELETE", headers: { "x-tier": "gold" } },
    ],
    tcp: "closed",
  },
  {
    name: "one element of a listed header",
    policies: [
      {
        rules: [
          { when: [{ key: "request.experimental.inline.headers[x-groups]", values: ["ops", "dev-*"] }] },
        ],
      },
    ],
    allowed: [{ headers: { "x-groups": "a, ops,b" } }, { headers: { "x-groups": "dev-1" } }],
    denied: [{ headers: { "x-groups": "devops" } }, { headers: { "x-groups": "a,ops2" } }, {}],
    tcp: "closed",
  },
  {
    name: "addresses",
    policies: [
      { rules: [{ from: [{ source: { ipBlocks: ["127.0.0.0/8"], notIpBlocks: ["127.0.0.9"] } }] }] },
    ],
    allowed: [{}],
    tcp: "open",
  },
  {
    name: "callers without a certificate have no principal",
    policies: [{ rules: [{ from: [{ source: { principals: ["*"] } }] }] }],
    denied: [{}],
    tcp: "closed",
  },
  {
    name: "DENY on what a TCP connection does not have",
    policies: [{ action: "DENY", rules: [operation({ methods: ["POST"] })] }],
    allowed: [{}],
    denied: [{ method: "POST" }],
    tcp: "closed",
  },
  {
    name: "DENY keeps its TCP conditions on TCP",
    policies: [{ action: "DENY", rules: [operation({ methods: ["POST"] }, { ipBlocks: ["10.0.0.1"] })] }],
    allowed: [{ method: "POST" }],
    tcp: "open",
  },
];

/** What comes back before the connection ends; it is left open meanwhile, since Envoy drops answers to a closed one. */
function firstBytes(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    const finish = (answer: string) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("data", (chunk) => finish(chunk.toString()));
    socket.once("close", () => finish(""));
    socket.once("error", () => finish(""));
  });
}

for (const { name, policies, allowed = [], denied = [], tcp } of cases) {
  test.serial(`requests: ${name}`, async (t) => {
    const envoy = await startEnvoy({ bootstrap: bootstrap(policies) });
    t.teardown(() => envoy.stop());
    const port = await envoy.listenerPort("http");
    const status = async ({ path = "/", method = "GET", host = "any", headers = {} }: Sent) =>
      (await request({ port, path, method, headers: { ...headers, host } })).status;
    for (const sent of allowed) t.is(await status(sent), 200, JSON.stringify(sent));
    for (const sent of denied) t.is(await status(sent), 403, JSON.stringify(sent));
    const answer = await firstBytes(await envoy.listenerPort("tcp"), "hello");
    t.is(answer, tcp === "open" ? "hello" : "");
  });
}
