import test from "ava";
import { decodeYaml } from "../shared/decode-yaml.ts";
import { workloadEntry } from "./index.ts";

const decode = (spec: string, labels = "{}") =>
  decodeYaml(
    `
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: vm, namespace: shop, labels: ${labels}}
spec: ${spec}`,
    [workloadEntry],
  );

test("a workload with everything set", (t) => {
  const { facts, summary } = decode(
    `{address: 10.0.0.1, serviceAccount: sa, labels: {app: a, v: "1"}, ports: {http: 8080}, weight: 2, locality: r/z/s}`,
    "{v: '2'}",
  );
  t.deepEqual(summary, []);
  const [fact] = facts;
  if (fact?.type !== "workload") return t.fail();
  const { origin, ...value } = fact.value;
  t.is(origin.name, "vm");
  t.deepEqual(value, {
    name: "vm",
    namespace: "shop",
    source: "entry",
    addresses: ["10.0.0.1"],
    labels: { app: "a", v: "2" },
    annotations: {},
    serviceAccount: "sa",
    ports: { http: 8080 },
    locality: { region: "r", zone: "z", subzone: "s" },
    weight: 2,
    ready: true,
    mtls: true,
  });
});

for (const [spec, labels, mtls] of [
  ["{address: 10.0.0.1}", "{}", false],
  ["{address: 10.0.0.1, serviceAccount: a}", "{}", true],
  ["{address: 10.0.0.1, serviceAccount: a}", "{security.istio.io/tlsMode: disabled}", false],
  ["{address: 10.0.0.1, labels: {security.istio.io/tlsMode: istio}}", "{}", true],
] as const) {
  test(`${spec} ${labels} ${mtls ? "speaks" : "does not speak"} mutual TLS`, (t) => {
    t.like(decode(spec, labels).facts[0], { value: { mtls } });
  });
}

for (const [spec, ...expected] of [
  ["{}", "error missing-field spec.address"],
  ["{network: net}", "warning unsupported-field spec.network"],
  ["{address: example.com}"],
  ["{address: unix:///a/b}"],
  ["{address: unix://@a}"],
  ["{address: unix:///dir/}", "error invalid-address spec.address"],
  ["{address: unix://relative}", "error invalid-address spec.address"],
  ["{address: unix://@a, ports: {http: 80}}", "error conflicting-fields spec.ports"],
  ["{address: 1.1.1.1, ports: {http: 99999}}", "error invalid-port spec.ports.http"],
  ["{address: 1.1.1.1, ports: {'@': 80}}", 'error invalid-name spec.ports["@"]'],
  ["{address: a_b}", "error invalid-address spec.address"],
  ["{address: 1.1.1.1, weight: -1}", "error invalid-value spec.weight"],
  ["{address: 1.1.1.1, labels: {a: 'b c'}}", "error invalid-value spec.labels.a"],
] as const) {
  test(`${spec} → ${expected.join(", ") || "no remark"}`, (t) => t.deepEqual(decode(spec).summary, expected));
}

test("without a spec", (t) => {
  const text = "apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: {name: vm}";
  t.regex(decodeYaml(text, [workloadEntry]).summary.join(), /error missing-field spec/);
});
