import { toJson } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { RBACSchema as HttpRbacSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/http/rbac/v3/rbac";
import { RBACSchema as NetworkRbacSchema } from "@envoyproxy/protos-ts/envoy/extensions/filters/network/rbac/v3/rbac";
import { registry } from "@envoyproxy/protos-ts/registry";
import test from "ava";
import { parse } from "yaml";
import type { FilterPolicyFact } from "../../model/fact.ts";
import type { Contribution, PolicyTarget, Site } from "../kind.ts";
import { decodeYaml } from "../shared/decode-yaml.ts";
import { authorizationFilters, authorizationPolicy } from "./index.ts";

const target: PolicyTarget = {
  namespace: "shop",
  labels: { app: "reviews", version: "v1" },
  rootNamespace: "istio-system",
  trustDomain: "td",
  trustDomainAliases: ["old-td"],
};

interface Written {
  readonly name?: string;
  readonly namespace?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec: string;
}

function policyFacts(policies: readonly Written[]): readonly FilterPolicyFact[] {
  return policies.flatMap(({ name = "p", namespace = "shop", annotations = {}, spec }) => {
    const object = {
      apiVersion: "security.istio.io/v1",
      kind: "AuthorizationPolicy",
      metadata: { name, namespace, annotations },
      spec: parse(spec),
    };
    const { facts } = decodeYaml(JSON.stringify(object), [authorizationPolicy]);
    return facts.flatMap((fact) => (fact.type === "filter-policy" ? [fact.value] : []));
  });
}

const http: Site = { direction: "inbound", protocol: "http" };
const tcp: Site = { direction: "inbound", protocol: "tcp" };

function contribute(policies: readonly Written[], site: Site): Contribution {
  const effective = authorizationFilters.resolve(policyFacts(policies), target);
  return effective === undefined
    ? { httpFilters: [], networkFilters: [] }
    : authorizationFilters.contribute(effective, site);
}

/** The configurations of a chain's filters, in order, as protojson. */
function configs(policies: readonly Written[], site: Site): unknown[] {
  const { httpFilters, networkFilters } = contribute(policies, site);
  return [...httpFilters, ...networkFilters].map(({ config }) => {
    const schema = site.protocol === "http" ? HttpRbacSchema : NetworkRbacSchema;
    const message = anyUnpack(config, schema);
    if (message === undefined) throw new Error(`unexpected ${config.typeUrl}`);
    return toJson(schema, message, { registry });
  });
}

/** One ALLOW policy with one rule: its permissions and principals. */
function ruleOf(rule: string, site: Site = http): unknown {
  const [config] = configs([{ spec: `rules: [${rule}]` }], site);
  return (config as Rbac | undefined)?.rules.policies?.["ns[shop]-policy[p]-rule[0]"];
}

interface Rbac {
  readonly rules: { readonly policies?: Readonly<Record<string, unknown>> };
}

const any = { permissions: [{ andRules: { rules: [{ any: true }] } }] };
const anyone = { principals: [{ andIds: { ids: [{ any: true }] } }] };
const named = (principalName: object) => ({ authenticated: { principalName } });
const regex = (text: string) => ({ safeRegex: { regex: text } });
const sources = (...ids: object[]) => ({ ...any, principals: [{ andIds: { ids } }] });
const operations = (...rules: object[]) => ({ permissions: [{ andRules: { rules } }], ...anyone });
const orIds = (...ids: object[]) => ({ orIds: { ids } });
const orRules = (...rules: object[]) => ({ orRules: { rules } });
const claim = (name: string, value: object) => ({
  sourcedMetadata: {
    metadataMatcher: {
      filter: "envoy.filters.http.jwt_authn",
      path: [{ key: "payload" }, { key: name }],
      value,
    },
  },
});

const translations: readonly (readonly [string, object])[] = [
  ["{}", { ...any, ...anyone }],
  [
    "{from: [{source: {principals: [td/ns/a/sa/b, other/ns/a/sa/b, '*', '*/sa/x.y', 'td/ns/a/*']}}]}",
    sources(
      orIds(
        named({ exact: "spiffe://td/ns/a/sa/b" }),
        named({ exact: "spiffe://old-td/ns/a/sa/b" }),
        named({ exact: "spiffe://other/ns/a/sa/b" }),
        named(regex(".+")),
        named(regex("spiffe://.*/sa/x\\.y")),
        named({ prefix: "spiffe://td/ns/a/" }),
      ),
    ),
  ],
  [
    "{from: [{source: {principals: [cluster.local/ns/a/sa/b]}}]}",
    sources(orIds(named({ exact: "spiffe://td/ns/a/sa/b" }), named({ exact: "spiffe://old-td/ns/a/sa/b" }))),
  ],
  [
    "{from: [{source: {notPrincipals: ['*-td/ns/a/sa/b']}}]}",
    sources({
      notId: orIds(named({ exact: "spiffe://td/ns/a/sa/b" }), named(regex("spiffe://.*-td/ns/a/sa/b"))),
    }),
  ],
  [
    "{from: [{source: {namespaces: [a, 'b-*'], notNamespaces: ['*']}}]}",
    sources(orIds(named(regex(".*/ns/a/.*")), named(regex(".*/ns/b-.*/.*"))), {
      notId: orIds(named(regex(".*/ns/.*/.*"))),
    }),
  ],
  [
    "{from: [{source: {serviceAccounts: [web, ns2/web]}}]}",
    sources(
      orIds(
        named(regex("spiffe://.+/ns/shop/(.+/|)sa/web(/.+)?")),
        named(regex("spiffe://.+/ns/ns2/(.+/|)sa/web(/.+)?")),
      ),
    ),
  ],
  [
    "{from: [{source: {trustDomains: [td, far, '*.corp', '*']}}]}",
    sources(
      orIds(
        named({ prefix: "spiffe://td/" }),
        named({ prefix: "spiffe://old-td/" }),
        named({ prefix: "spiffe://far/" }),
        named(regex("spiffe://[^/]*\\.corp/.*")),
        named(regex(".+")),
      ),
    ),
  ],
  [
    "{from: [{source: {ipBlocks: [10.0.0.0/8], remoteIpBlocks: ['2001:db8::1'], notIpBlocks: [10.1.2.3]}}]}",
    sources(
      orIds({ remoteIp: { addressPrefix: "2001:db8::1", prefixLen: 128 } }),
      orIds({ directRemoteIp: { addressPrefix: "10.0.0.0", prefixLen: 8 } }),
      { notId: orIds({ directRemoteIp: { addressPrefix: "10.1.2.3", prefixLen: 32 } }) },
    ),
  ],
  [
    "{from: [{source: {requestPrincipals: ['https://i/sub', '*', 'https://i/*']}}]}",
    sources(
      orIds(
        {
          andIds: {
            ids: [
              claim("iss", { stringMatch: { exact: "https://i" } }),
              claim("sub", { stringMatch: { exact: "sub" } }),
            ],
          },
        },
        {
          andIds: {
            ids: [claim("iss", { stringMatch: regex(".+") }), claim("sub", { stringMatch: regex(".+") })],
          },
        },
        {
          andIds: {
            ids: [
              claim("iss", { stringMatch: { exact: "https://i" } }),
              claim("sub", { stringMatch: regex(".+") }),
            ],
          },
        },
      ),
    ),
  ],
  [
    "{when: [{key: request.auth.audiences, values: [a]}]}",
    sources(
      claim("aud", {
        orMatch: {
          valueMatchers: [
            { listMatch: { oneOf: { stringMatch: { exact: "a" } } } },
            { stringMatch: { exact: "a" } },
          ],
        },
      }),
    ),
  ],
  [
    "{when: [{key: 'request.headers[X-A]', values: [a, '*'], notValues: ['b*']}]}",
    sources(
      orIds(
        { header: { name: "X-A", stringMatch: { exact: "a" } } },
        { header: { name: "X-A", presentMatch: true } },
      ),
      { notId: orIds({ header: { name: "X-A", stringMatch: { prefix: "b" } } }) },
    ),
  ],
  [
    "{to: [{operation: {hosts: [A.com, '*.b.com', 'c.*', '*'], methods: [GET]}}]}",
    operations(
      orRules(
        { header: { name: ":authority", stringMatch: { exact: "A.com", ignoreCase: true } } },
        { header: { name: ":authority", stringMatch: { suffix: ".b.com", ignoreCase: true } } },
        { header: { name: ":authority", stringMatch: { prefix: "c.", ignoreCase: true } } },
        { header: { name: ":authority", presentMatch: true } },
      ),
      orRules({ header: { name: ":method", stringMatch: { exact: "GET" } } }),
    ),
  ],
  [
    "{to: [{operation: {paths: [/a, '/b/*', '*/c', '*', '/{*}/d/{**}'], notPaths: [/e]}}]}",
    operations(
      orRules(
        { urlPath: { path: { exact: "/a" } } },
        { urlPath: { path: { prefix: "/b/" } } },
        { urlPath: { path: { suffix: "/c" } } },
        { urlPath: { path: regex(".+") } },
        {
          uriTemplate: {
            name: "uri-template",
            typedConfig: {
              "@type":
                "type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig",
              pathTemplate: "/*/d/**",
            },
          },
        },
      ),
      { notRule: orRules({ urlPath: { path: { exact: "/e" } } }) },
    ),
  ],
  [
    "{to: [{operation: {ports: ['80']}}], when: [{key: destination.ip, values: [10.0.0.1]}, {key: connection.sni, notValues: ['*.a']}]}",
    operations(
      orRules({ destinationPort: 80 }),
      orRules({ destinationIp: { addressPrefix: "10.0.0.1", prefixLen: 32 } }),
      { notRule: orRules({ requestedServerName: { suffix: ".a" } }) },
    ),
  ],
  [
    "{when: [{key: 'experimental.envoy.filters.network.mysql_proxy[db.table]', values: ['[update]', x]}]}",
    operations({
      sourcedMetadata: {
        metadataMatcher: {
          filter: "envoy.filters.network.mysql_proxy",
          path: [{ key: "db.table" }],
          value: {
            orMatch: {
              valueMatchers: [
                { listMatch: { oneOf: { stringMatch: { exact: "update" } } } },
                { stringMatch: { exact: "x" } },
              ],
            },
          },
        },
      },
    }),
  ],
];

for (const [rule, expected] of translations) {
  test(`rule ${rule}`, (t) => t.deepEqual(ruleOf(rule), expected));
}

test("several sources and operations are alternatives, and share the conditions", (t) => {
  const rule = ruleOf(`
    {from: [{source: {namespaces: [a]}}, {source: {namespaces: [b]}}],
     to: [{operation: {methods: [GET]}}, {operation: {ports: ['80']}}],
     when: [{key: source.ip, values: [10.0.0.1]}]}`);
  const ip = orIds({ directRemoteIp: { addressPrefix: "10.0.0.1", prefixLen: 32 } });
  t.deepEqual(rule, {
    permissions: [
      { andRules: { rules: [orRules({ header: { name: ":method", stringMatch: { exact: "GET" } } })] } },
      { andRules: { rules: [orRules({ destinationPort: 80 })] } },
    ],
    principals: [
      { andIds: { ids: [orIds(named(regex(".*/ns/a/.*"))), ip] } },
      { andIds: { ids: [orIds(named(regex(".*/ns/b/.*"))), ip] } },
    ],
  });
});

test("DENY decides before ALLOW, whatever the order of the policies", (t) => {
  const policies = [
    { name: "b", spec: "rules: [{}]" },
    { name: "a", spec: "rules: [{}]" },
    { name: "c", spec: "action: DENY\nrules: [{}]" },
    { name: "d", spec: "action: AUDIT\nrules: [{}]" },
  ];
  const all = { ...any, ...anyone };
  t.deepEqual(configs(policies, http), [
    { rules: { action: "LOG", policies: { "ns[shop]-policy[d]-rule[0]": all } } },
    { rules: { action: "DENY", policies: { "ns[shop]-policy[c]-rule[0]": all } } },
    {
      rules: {
        policies: { "ns[shop]-policy[a]-rule[0]": all, "ns[shop]-policy[b]-rule[0]": all },
      },
    },
  ]);
  const { httpFilters, networkFilters } = contribute(policies, http);
  t.deepEqual(
    httpFilters.map(({ filter, name }) => [filter, name]),
    Array(3).fill(["envoy.filters.http.rbac", "envoy.filters.http.rbac"]),
  );
  t.deepEqual(networkFilters, []);
});

test("an ALLOW policy without rules allows nothing", (t) => {
  t.deepEqual(configs([{ spec: "{}" }], tcp), [
    {
      rules: {
        policies: {
          "ns[shop]-policy[p]-rule[0]": {
            permissions: [{ notRule: { any: true } }],
            principals: [{ notId: { any: true } }],
          },
        },
      },
      statPrefix: "tcp.",
    },
  ]);
});

test("on TCP an ALLOW rule that asks for HTTP allows nothing", (t) => {
  const policies = [{ spec: "rules: [{to: [{operation: {methods: [GET]}}, {operation: {ports: ['80']}}]}]" }];
  t.deepEqual(configs(policies, tcp), [{ rules: {}, statPrefix: "tcp." }]);
});

test("on TCP a DENY rule keeps what is not HTTP", (t) => {
  const policies = [
    {
      spec: `
        action: DENY
        rules:
        - from: [{source: {namespaces: [a], requestPrincipals: ['*']}}]
          to: [{operation: {methods: [GET], ports: ['80']}}]
        - to: [{operation: {paths: [/admin]}}]`,
    },
  ];
  t.deepEqual(configs(policies, tcp), [
    {
      rules: {
        action: "DENY",
        policies: {
          "ns[shop]-policy[p]-rule[0]": {
            permissions: [{ andRules: { rules: [orRules({ destinationPort: 80 })] } }],
            principals: [{ andIds: { ids: [orIds(named(regex(".*/ns/a/.*")))] } }],
          },
          "ns[shop]-policy[p]-rule[1]": { ...any, ...anyone },
        },
      },
      statPrefix: "tcp.",
    },
  ]);
});

test("dry-run policies are only counted", (t) => {
  const policies = [
    { name: "a", spec: "action: DENY\nrules: [{}]", annotations: { "istio.io/dry-run": "true" } },
    { name: "b", spec: "rules: [{}]", annotations: { "istio.io/dry-run": "true" } },
    { name: "c", spec: "rules: [{}]" },
  ];
  const all = { ...any, ...anyone };
  t.deepEqual(configs(policies, http), [
    {
      shadowRules: { action: "DENY", policies: { "ns[shop]-policy[a]-rule[0]": all } },
      shadowRulesStatPrefix: "istio_dry_run_deny_",
    },
    {
      rules: { policies: { "ns[shop]-policy[c]-rule[0]": all } },
      shadowRules: { policies: { "ns[shop]-policy[b]-rule[0]": all } },
      shadowRulesStatPrefix: "istio_dry_run_allow_",
    },
  ]);
});

test("a CUSTOM policy denies what its provider would be asked about", (t) => {
  const spec = "action: CUSTOM\nprovider: {name: oidc}\nrules: [{to: [{operation: {paths: [/x]}}]}]";
  t.deepEqual(configs([{ spec }], http), [
    {
      rules: {
        action: "DENY",
        policies: {
          "istio-ext-authz-oidc-ns[shop]-policy[p]-rule[0]-deny-due-to-bad-CUSTOM-action": operations(
            orRules({ urlPath: { path: { exact: "/x" } } }),
          ),
        },
      },
    },
  ]);
});

for (const [name, policy, applies] of [
  ["its namespace", { spec: "rules: [{}]" }, true],
  ["another namespace", { namespace: "other", spec: "rules: [{}]" }, false],
  ["the root namespace", { namespace: "istio-system", spec: "rules: [{}]" }, true],
  ["its labels", { spec: "selector: {matchLabels: {app: reviews}}\nrules: [{}]" }, true],
  ["other labels", { spec: "selector: {matchLabels: {app: ratings}}\nrules: [{}]" }, false],
  [
    "its labels, from the root namespace",
    { namespace: "istio-system", spec: "selector: {matchLabels: {version: v1}}\nrules: [{}]" },
    true,
  ],
] as const) {
  test(`a policy for ${name} ${applies ? "applies" : "does not apply"}`, (t) => {
    const effective = authorizationFilters.resolve(policyFacts([policy]), target);
    t.is(effective !== undefined, applies);
    if (effective === undefined) return;
    t.deepEqual(
      effective.origins.map(({ kind, name: object }) => [kind, object]),
      [["AuthorizationPolicy", "p"]],
    );
  });
}

test("nothing is guarded on the way out", (t) => {
  const { httpFilters } = contribute([{ spec: "{}" }], { direction: "outbound", protocol: "http" });
  t.deepEqual(httpFilters, []);
});

test("equal policies give equal bytes, whatever their order", (t) => {
  const policies = ["c", "a", "b"].map((name) => ({ name, spec: "rules: [{}]" }));
  const bytes = (list: readonly Written[]) =>
    contribute(list, http).httpFilters.map(({ config }) => Buffer.from(config.value).toString("hex"));
  t.deepEqual(bytes(policies), bytes(policies.toReversed()));
});
