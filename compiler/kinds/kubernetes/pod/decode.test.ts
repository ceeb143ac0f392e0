import test from "ava";
import { decodeYaml } from "../../shared/decode-yaml.ts";
import { namespace } from "../namespace/index.ts";
import { podTemplates } from "../pod-template/index.ts";
import { pod } from "./index.ts";

const decode = (text: string) => decodeYaml(text, [pod, namespace, ...podTemplates]);

test("a running pod", (t) => {
  const { facts, summary } = decode(`
apiVersion: v1
kind: Pod
metadata:
  name: web-1
  namespace: shop
  labels: {app: web, istio-locality: eu.a, topology.istio.io/network: net1}
  annotations: {note: x}
spec:
  serviceAccountName: web
  nodeName: n1
  containers:
  - {name: web, ports: [{name: http, containerPort: 8080}, {containerPort: 9090}]}
  initContainers:
  - {name: istio-proxy, restartPolicy: Always, ports: [{name: http-envoy-prom, containerPort: 15090}]}
  - {name: once, ports: [{name: setup, containerPort: 1}]}
status:
  phase: Running
  podIP: 10.0.0.1
  podIPs: [{ip: 10.0.0.1}, {ip: "fd00::1"}]
  conditions: [{type: Initialized, status: "True"}, {type: Ready, status: "True"}]
`);
  t.deepEqual(summary, []);
  const [fact] = facts;
  if (fact?.type !== "workload") return t.fail();
  const { origin, ...value } = fact.value;
  t.is(origin.position.line, 5);
  t.deepEqual(value, {
    name: "web-1",
    namespace: "shop",
    source: "pod",
    addresses: ["10.0.0.1", "fd00::1"],
    labels: { app: "web", "istio-locality": "eu.a", "topology.istio.io/network": "net1" },
    annotations: { note: "x" },
    serviceAccount: "web",
    ports: { http: 8080, "http-envoy-prom": 15090 },
    locality: { region: "eu", zone: "a", subzone: "" },
    network: "net1",
    weight: 0,
    ready: true,
    mtls: true,
    nodeName: "n1",
  });
});

const status = (text: string) =>
  decode(`{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: []}, status: ${text}}`)
    .facts[0];

test("phases and conditions", (t) => {
  t.is(status("{phase: Succeeded, podIP: 10.0.0.1}"), undefined);
  t.is(status("{phase: Failed, podIP: 10.0.0.1}"), undefined);
  t.like(status("{podIP: 10.0.0.1, conditions: [{type: Ready, status: 'False'}]}"), {
    value: { ready: false },
  });
  t.like(status("{podIP: 10.0.0.1}"), { value: { ready: true, source: "pod", serviceAccount: "default" } });
});

test("a pod that was never applied shows what would run", (t) => {
  t.like(status("{}"), { value: { source: "template", addresses: [], ready: true } });
});

for (const [name, metadata, spec, mtls] of [
  ["nothing said", "{}", "{}", false],
  ["the injector's annotation", "{annotations: {sidecar.istio.io/status: '{}'}}", "{}", true],
  ["the sidecar's container", "{}", "{containers: [{name: istio-proxy}]}", true],
  ["a label that asks for it", "{labels: {sidecar.istio.io/inject: 'true'}}", "{}", true],
  ["an annotation that asks for it", "{annotations: {sidecar.istio.io/inject: 'true'}}", "{}", true],
  [
    "a label that declines",
    "{labels: {sidecar.istio.io/inject: 'false'}, annotations: {sidecar.istio.io/inject: 'true'}}",
    "{}",
    false,
  ],
  ["the host's network", "{labels: {sidecar.istio.io/inject: 'true'}}", "{hostNetwork: true}", false],
  [
    "a mode that says no",
    "{labels: {security.istio.io/tlsMode: disabled}}",
    "{containers: [{name: istio-proxy}]}",
    false,
  ],
  ["a mode that says yes", "{labels: {security.istio.io/tlsMode: istio}}", "{}", true],
] as const) {
  test(`${mtls ? "mutual TLS" : "plain text"}: ${name}`, (t) => {
    const deployment = `{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {template: {metadata: ${metadata}, spec: ${spec}}}}`;
    t.like(decode(deployment).facts[0], { value: { mtls } });
  });
}

for (const [group, kind, path] of [
  ["apps", "Deployment", "{template: @}"],
  ["apps", "StatefulSet", "{template: @}"],
  ["apps", "DaemonSet", "{template: @}"],
  ["apps", "ReplicaSet", "{template: @}"],
  ["batch", "Job", "{template: @}"],
  ["batch", "CronJob", "{jobTemplate: {spec: {template: @}}}"],
] as const) {
  const template =
    "{metadata: {labels: {app: a}}, spec: {serviceAccountName: sa, containers: [{ports: [{name: http, containerPort: 80}]}]}}";
  const object = (owners: string) =>
    `{apiVersion: ${group}/v1, kind: ${kind}, metadata: {name: a, namespace: shop, labels: {not: this}, ownerReferences: ${owners}}, spec: ${path.replace("@", template)}}`;

  test(`${kind}: the pod that it would run`, (t) => {
    const { facts, summary } = decode(object("[]"));
    t.deepEqual(summary, []);
    t.like(facts[0], {
      type: "workload",
      value: {
        name: "a",
        namespace: "shop",
        source: "template",
        addresses: [],
        labels: { app: "a" },
        serviceAccount: "sa",
        ports: { http: 80 },
        ready: true,
      },
    });
  });

  test(`${kind} of another object: nothing of its own`, (t) => {
    t.deepEqual(decode(object("[{kind: X, name: x, controller: true}]")).facts, []);
  });
}

test("a namespace", (t) => {
  const { facts } = decode(
    "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {istio-injection: enabled}}}",
  );
  t.like(facts[0], { type: "namespace", value: { name: "shop", labels: { "istio-injection": "enabled" } } });
});

test("what is read has the right type", (t) => {
  const text =
    "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{ports: [{name: http, containerPort: x}]}]}}";
  t.deepEqual(decode(text).summary, ["error invalid-value spec.containers[0].ports[0].containerPort"]);
});
