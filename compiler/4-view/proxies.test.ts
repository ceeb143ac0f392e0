import test from "ava";
import { object, pod, service, worldOf } from "../testing/world.ts";
import { proxiesOf } from "./proxies.ts";
import { localAddress, wildcardAddress } from "./proxy.ts";

const ids = (yaml: string) => proxiesOf(worldOf(yaml).mesh).map(({ id, type }) => `${type} ${id}`);

const deployment = (name: string, labels: string, more = "") => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: default}
spec:
  selector: {matchLabels: {${labels}}}
  template:
    metadata: {labels: {${labels}}}
    spec: {containers: [{name: a, image: a}]${more}}
---`;

const gateway = (selector: string, namespace = "default") =>
  object(
    "Gateway",
    `edge-${selector.replace(/\W+/g, "-")}`,
    `{selector: {${selector}}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}`,
    namespace,
  );

for (const [title, yaml, ...expected] of [
  [
    "pods and machines",
    pod("web", "10.0.0.1") + object("WorkloadEntry", "vm", "{address: 10.0.0.9}"),
    "sidecar vm.default",
    "sidecar web-1.default",
  ],
  ["templates, where no pod runs of them", deployment("web", "app: web"), "sidecar web.default"],
  [
    "running pods rather than their template",
    deployment("web", "app: web") + pod("web", "10.0.0.1"),
    "sidecar web-1.default",
  ],
  [
    "not endpoints written into an entry",
    object(
      "ServiceEntry",
      "e",
      "{hosts: [a.example.com], resolution: STATIC, ports: [{number: 80, name: http, protocol: HTTP}], endpoints: [{address: 192.0.2.1}]}",
    ),
  ],
  ["not what opts out by label", pod("web", "10.0.0.1", { labels: 'sidecar.istio.io/inject: "false"' })],
  [
    "not what opts out by annotation",
    pod("web", "10.0.0.1", { annotations: 'sidecar.istio.io/inject: "false"' }),
  ],
  ["not what is on its host's network", deployment("agent", "app: agent", ", hostNetwork: true")],
  [
    "a router where a gateway selects the workload",
    pod("edge", "10.0.0.1") + gateway("app: edge"),
    "router edge-1.default",
  ],
  [
    "a router where injection was asked for one",
    pod("edge", "10.0.0.1", { annotations: "inject.istio.io/templates: gateway" }),
    "router edge-1.default",
  ],
  [
    "the gateway of the installation, which no file describes",
    gateway("istio: ingressgateway"),
    "router istio-ingressgateway.istio-system",
  ],
  [
    "it once, whoever selects it",
    gateway("istio: ingressgateway") + gateway("istio: ingressgateway", "other"),
    "router istio-ingressgateway.istio-system",
  ],
  [
    "one name for labels that say the same",
    gateway("app: istio-ingressgateway, istio: ingressgateway"),
    "router istio-ingressgateway.istio-system",
  ],
  ["another gateway in its own namespace", gateway("app: edge", "shop"), "router edge.shop"],
] as const) {
  test(`proxies: ${title}`, (t) => t.deepEqual(ids(yaml), expected));
}

test("a proxy is what its workload is", (t) => {
  const world = worldOf(
    service("web") +
      pod("web", "10.0.0.1", { serviceAccount: "", annotations: "sidecar.istio.io/interceptionMode: NONE" }),
  );
  t.like(world.proxy("web-1.default"), {
    ip: "10.0.0.1",
    serviceAccount: "default",
    interceptionMode: "NONE",
    hasIdentity: true,
  });
  t.is(worldOf(pod("web", "10.0.0.1")).proxy("web-1.default").interceptionMode, "REDIRECT");
});

for (const [ip, wildcard, local] of [
  ["10.0.0.1", "0.0.0.0", "127.0.0.1"],
  ["2001:db8::1", "::", "::1"],
  ["127.0.3.1", "127.0.3.1", "127.0.3.1"],
  ["", "0.0.0.0", "127.0.0.1"],
] as const) {
  test(`all addresses of "${ip}" are ${wildcard}, its own is ${local}`, (t) => {
    const proxy = worldOf(pod("web", "10.0.0.1")).proxy("web-1.default", { ip });
    t.deepEqual([wildcardAddress(proxy), localAddress(proxy)], [wildcard, local]);
  });
}
