import test from "ava";
import { type Files, stepOf } from "../testing/stepping.ts";
import { object, pod, secret, service } from "../testing/world.ts";

const secured = object(
  "DestinationRule",
  "api",
  "{host: api, workloadSelector: {matchLabels: {app: web}}, trafficPolicy: {tls: {mode: SIMPLE, credentialName: cert}}}",
);
const mtls = (mode: string, more = "") => object("PeerAuthentication", "p", `{${more}mtls: {mode: ${mode}}}`);
const entry = (address: string, app = "api") =>
  object("WorkloadEntry", "machine", `{address: ${address}, labels: {app: ${app}}, serviceAccount: ${app}}`);
const allow = (app: string) =>
  object("AuthorizationPolicy", "a", `{selector: {matchLabels: {app: ${app}}}, rules: [{}]}`);

const routes = object("VirtualService", "r", "{hosts: [api], http: [{route: [{destination: {host: web}}]}]}");
const self = (ports: string) => pod("web", "10.0.0.9", { ports });

const base: Files = {
  "mesh.yaml": service("web", { target: "http" }) + service("api"),
  "web.yaml": self("{name: http, containerPort: 8080}"),
  "secret.yaml": secret("cert", ["tls", "ca"]),
  "mtls.yaml": mtls("PERMISSIVE"),
  "entry.yaml": entry("10.0.0.5"),
  "allow.yaml": allow("web"),
};

/** The edit that a sidecar sees last, in which files beside the others, and the edits before it. */
type Case = readonly [title: string, change: Files, files?: Files, between?: readonly Files[]];

for (const [title, change, files, between] of [
  ["a policy of the workload", { "allow.yaml": allow("other") }],
  ["mutual TLS of the workload", { "mtls.yaml": mtls("STRICT") }],
  ["an address of somebody it calls", { "entry.yaml": entry("10.0.0.6") }],
  ["a workload that serves something else", { "entry.yaml": entry("10.0.0.5", "other") }],
  ["the workload itself", { "web.yaml": self("{name: http, containerPort: 9090}") }],
  ["a certificate that a policy names", { "secret.yaml": "" }, { "rule.yaml": secured }],
  ...(
    [
      ["its policy", { "allow.yaml": allow("other") }],
      ["mutual TLS", { "mtls.yaml": mtls("STRICT") }],
      ["an address", { "entry.yaml": entry("10.0.0.6") }],
      ["itself", { "web.yaml": self("{name: http, containerPort: 9090}") }],
    ] as const
  ).map(([what, first]): Case => [`${what}, and routes later`, { "routes.yaml": routes }, {}, [first]]),
] satisfies readonly Case[]) {
  test(`a sidecar after a step is what it would be from scratch: ${title}`, (t) => {
    const { before, after, fresh, isStep } = stepOf(
      "web-9.default",
      { ...base, ...files },
      change,
      [],
      between,
    );
    t.true(isStep);
    t.deepEqual(after, fresh);
    t.notDeepEqual(after, before);
  });
}

test("who turns mutual TLS off for others is known to all who call them", (t) => {
  const off = mtls("DISABLE", "selector: {matchLabels: {app: api}}, ");
  const { before, after, fresh } = stepOf("web-9.default", base, { "mtls.yaml": off });
  t.deepEqual(after, fresh);
  t.notDeepEqual(after.shared.endpoints, before.shared.endpoints);
});

for (const [title, change] of [
  ["a policy of another workload", { "allow.yaml": allow("api") }],
  ["a certificate that nobody names", { "secret.yaml": "" }],
  ["a gateway", { "gateway.yaml": object("Gateway", "g", "{selector: {app: g}, servers: []}") }],
] satisfies readonly [string, Files][]) {
  test(`nothing is planned again for ${title}`, (t) => {
    const { before, after } = stepOf("web-9.default", { ...base, "allow.yaml": allow("db") }, change);
    t.is(after.shared, before.shared);
    t.is(after.own, before.own);
  });
}
