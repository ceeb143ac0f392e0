import test from "ava";
import { decodeYaml } from "../shared/decode-yaml.ts";
import { peerAuthentication } from "./index.ts";

const decode = (spec: string) =>
  decodeYaml(
    `{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: p, namespace: shop}, spec: ${spec}}`,
    [peerAuthentication],
  );

for (const [spec, expected] of [
  ["{}", { portModes: {} }],
  ["{mtls: {mode: STRICT}}", { mode: "strict", portModes: {} }],
  ["{mtls: {mode: UNSET}}", { portModes: {} }],
  [
    "{selector: {matchLabels: {app: a}}, mtls: {mode: PERMISSIVE}, portLevelMtls: {80: {mode: DISABLE}, 81: {}}}",
    { mode: "permissive", selector: { app: "a" }, portModes: { 80: "disable", 81: undefined } },
  ],
] as const) {
  test(`${spec} sets what it says`, (t) => {
    const { facts, summary } = decode(spec);
    t.deepEqual(summary, []);
    const [fact] = facts;
    if (fact?.type !== "mtls") return t.fail();
    const { origin, ...rest } = fact.value;
    t.deepEqual(rest, { name: "p", namespace: "shop", ...expected });
    t.is(origin.kind, "PeerAuthentication");
  });
}

const selector = "selector: {matchLabels: {app: a}}";
for (const [spec, ...expected] of [
  ["{mtls: {mode: BLAH}}", "error invalid-value spec.mtls.mode"],
  ["{mtls: {made: STRICT}}", "error unknown-field spec.mtls.made"],
  ["{portLevelMtls: {80: {mode: STRICT}}}", "error conflicting-fields spec.portLevelMtls"],
  [
    "{selector: {}, portLevelMtls: {80: {mode: STRICT}}}",
    "warning broad-match spec.selector",
    "error conflicting-fields spec.portLevelMtls",
  ],
  [`{${selector}, portLevelMtls: {}}`, "error invalid-value spec.portLevelMtls"],
  [`{${selector}, portLevelMtls: {acd: {mode: STRICT}}}`, "error invalid-port spec.portLevelMtls.acd"],
  [`{${selector}, portLevelMtls: {0: {mode: STRICT}}}`, 'error invalid-port spec.portLevelMtls["0"]'],
  [`{${selector}, portLevelMtls: {70000: {}}}`, 'error invalid-port spec.portLevelMtls["70000"]'],
  ["{selector: {matchLabels: {a: '*'}}}", "error invalid-value spec.selector.matchLabels.a"],
] as const) {
  test(`${spec} → ${expected.join(", ")}`, (t) => t.deepEqual(decode(spec).summary, expected));
}
