import test from "ava";
import { decodeYaml } from "../shared/decode-yaml.ts";
import { authorizationPolicy } from "./index.ts";

function policy(spec: string, metadata = ""): string {
  const indent = (text: string) => text.replace(/^(?=.)/gm, "  ");
  return `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: p
  namespace: shop
${indent(metadata)}
spec:
${indent(spec)}
`;
}

const decode = (text: string) => decodeYaml(text, [authorizationPolicy]);

test("a rule becomes tests on source and operation", (t) => {
  const { facts, summary } = decode(
    policy(`
selector:
  matchLabels: {app: reviews}
rules:
- from:
  - source: {principals: [cluster.local/ns/shop/sa/web], notNamespaces: [dev]}
  - source: {serviceAccounts: [web, other/job]}
  to:
  - operation: {methods: [GET], paths: ["/a/{*}"], notPorts: ["9090"]}
  when:
  - {key: "request.headers[X-Tier]", values: [gold], notValues: ["*"]}
  - {key: destination.port, values: ["80"]}
`),
  );
  t.deepEqual(summary, []);
  const header = {
    attribute: { type: "header", name: "X-Tier", inline: false },
    values: ["gold"],
    notValues: ["*"],
  };
  const [fact] = facts;
  t.like(fact, {
    type: "filter-policy",
    value: { policy: "authorization", name: "p", namespace: "shop", selector: { app: "reviews" } },
  });
  t.deepEqual(fact?.type === "filter-policy" && fact.value.spec, {
    action: "allow",
    dryRun: false,
    rules: [
      {
        sources: [
          [
            {
              attribute: { type: "principal" },
              values: ["cluster.local/ns/shop/sa/web"],
              notValues: [],
            },
            { attribute: { type: "namespace" }, values: [], notValues: ["dev"] },
            header,
          ],
          [
            { attribute: { type: "service-account" }, values: ["shop/web", "other/job"], notValues: [] },
            header,
          ],
        ],
        operations: [
          [
            { attribute: { type: "method" }, values: ["GET"], notValues: [] },
            { attribute: { type: "path" }, values: ["/a/{*}"], notValues: [] },
            { attribute: { type: "destination-port" }, values: [], notValues: ["9090"] },
            { attribute: { type: "destination-port" }, values: ["80"], notValues: [] },
          ],
        ],
      },
    ],
  });
});

for (const [name, spec, expected] of [
  ["no rules at all: allow nothing", "{}", { action: "allow", rules: [] }],
  ["a rule for everything", "rules: [{}]", { action: "allow", rules: [{ sources: [[]], operations: [[]] }] }],
  ["deny", "action: DENY\nrules: [{}]", { action: "deny" }],
  ["audit", "action: AUDIT\nrules: [{}]", { action: "audit" }],
] as const) {
  test(name, (t) => {
    const { facts, summary } = decode(policy(spec));
    t.deepEqual(summary, []);
    t.like(facts[0], { value: { spec: expected } });
  });
}

test("dry run", (t) => {
  const annotated = (value: string) =>
    decode(policy("rules: [{}]", `annotations: {istio.io/dry-run: "${value}"}`));
  t.like(annotated("true").facts[0], { value: { spec: { dryRun: true } } });
  t.like(annotated("false").facts[0], { value: { spec: { dryRun: false } } });
  const odd = annotated("yes");
  t.like(odd.facts[0], { value: { spec: { dryRun: false } } });
  t.deepEqual(odd.summary, [`warning ineffective-field metadata.annotations["istio.io/dry-run"]`]);
});

const source = (text: string) => `rules: [{from: [{source: ${text}}]}]`;
const operation = (text: string) => `rules: [{to: [{operation: ${text}}]}]`;
const when = (text: string) => `rules: [{when: [${text}]}]`;
const sourcePath = "spec.rules[0].from[0].source";
const operationPath = "spec.rules[0].to[0].operation";

for (const [spec, ...expected] of [
  [source("{}"), `error missing-field ${sourcePath}`],
  ["rules: [{from: []}]", "error invalid-value spec.rules[0].from"],
  ["rules: [{to: []}]", "error invalid-value spec.rules[0].to"],
  [source("{ipBlocks: [1.2.3]}"), `error invalid-address ${sourcePath}.ipBlocks[0]`],
  [source("{notRemoteIpBlocks: [1.2.3.4/40]}"), `error invalid-address ${sourcePath}.notRemoteIpBlocks[0]`],
  [source('{principals: [""]}'), `error invalid-value ${sourcePath}.principals[0]`],
  [source('{serviceAccounts: ["a*"]}'), `error invalid-value ${sourcePath}.serviceAccounts[0]`],
  [source("{serviceAccounts: [a/b/c]}"), `error invalid-value ${sourcePath}.serviceAccounts[0]`],
  [source("{serviceAccounts: [/c]}"), `error invalid-value ${sourcePath}.serviceAccounts[0]`],
  [
    source("{notServiceAccounts: [a], namespaces: [b]}"),
    `error conflicting-fields ${sourcePath}.notServiceAccounts`,
  ],
  [
    source("{principal: [a]}"),
    `error unknown-field ${sourcePath}.principal`,
    `error missing-field ${sourcePath}`,
  ],
  [source("{principals: [spiffe://a/ns/b/sa/c]}"), "warning ineffective-field spec.rules[0]"],
  [source('{requestPrincipals: ["*"]}'), "warning unsupported-field spec.rules[0]"],
  [operation("{}"), `error missing-field ${operationPath}`],
  [operation('{ports: ["70000"]}'), `error invalid-port ${operationPath}.ports[0]`],
  [operation("{ports: [http]}"), `error invalid-port ${operationPath}.ports[0]`],
  [operation("{paths: ['/{*}/{**}/{*}']}"), `error invalid-path-template ${operationPath}.paths[0]`],
  [operation("{paths: ['{*}/a']}"), `error invalid-path-template ${operationPath}.paths[0]`],
  [operation("{notPaths: ['/a/{id}']}"), `error invalid-path-template ${operationPath}.notPaths[0]`],
  [when("{key: source.ip, values: [x]}"), "error invalid-address spec.rules[0].when[0].values[0]"],
  [when("{key: source.ip}"), "error missing-field spec.rules[0].when[0]"],
  [when("{key: '', values: [a]}"), "error missing-field spec.rules[0].when[0].key"],
  [when("{key: source.pi, values: [a]}"), "error invalid-value spec.rules[0].when[0].key"],
  [when("{key: 'request.headers[]', values: [a]}"), "error invalid-value spec.rules[0].when[0].key"],
  [when("{key: 'request.headers[a b]', values: [a]}"), "error invalid-value spec.rules[0].when[0].key"],
  [when("{key: request.headers, values: [a]}"), "error invalid-value spec.rules[0].when[0].key"],
  [when("{key: 'request.auth.claims[a][]', values: [a]}"), "error invalid-value spec.rules[0].when[0].key"],
  [when("{key: 'destination.labels[a]', values: [a]}"), "error invalid-value spec.rules[0].when[0].key"],
  ["action: DENY", "error missing-field spec.rules"],
  ["action: BLOCK\nrules: [{}]", "error invalid-value spec.action"],
  ["provider: {name: x}", "error conflicting-fields spec.provider"],
  [
    "action: CUSTOM\nrules: [{}]",
    "error missing-field spec.provider.name",
    "warning unsupported-field spec.action",
  ],
  [
    "action: CUSTOM\nprovider: {name: x}\nrules: [{from: [{source: {namespaces: [a]}}]}]",
    `error conflicting-fields ${sourcePath}.namespaces`,
    "warning unsupported-field spec.action",
  ],
  ["selector: {}", "warning broad-match spec.selector"],
  ["selector: {matchLabels: {a: 'b*'}}", "error invalid-value spec.selector.matchLabels.a"],
  [
    "targetRefs: [{kind: Pod, name: x}]",
    "warning unsupported-field spec.targetRefs",
    "error invalid-value spec.targetRefs[0].kind",
  ],
  [
    "selector: {matchLabels: {a: b}}\ntargetRef: {kind: Service, name: x}",
    "warning unsupported-field spec.targetRef",
    "error conflicting-fields spec.targetRef",
  ],
  ["action: DENY\nrules: [{to: [{operation: {methods: [GET]}}]}]", "warning broad-match spec.rules[0]"],
  ["action: DENY\nrules: [{to: [{operation: {methods: [GET], ports: ['80']}}]}]"],
  ["action: DENY\nrules: [{from: [{source: {namespaces: [a]}}], to: [{operation: {methods: [GET]}}]}]"],
] as const) {
  test(`${spec} → ${expected.join(", ") || "no remark"}`, (t) => {
    t.deepEqual(decode(policy(spec)).summary, expected);
  });
}

test("a policy for named objects is for no sidecar", (t) => {
  const { facts } = decode(policy("targetRefs: [{kind: Service, name: x}]\nrules: [{}]"));
  t.deepEqual(facts, []);
});
