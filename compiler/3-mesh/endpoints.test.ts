import test from "ava";
import { object, pod, service, worldOf } from "../testing/world.ts";

/** `address:port state` of each endpoint of a host's port. */
function endpointsOf(yaml: string, host: string, port = 80): readonly string[] {
  const { mesh } = worldOf(yaml);
  const found = mesh.servicesByHost.get(host)?.[0];
  if (!found) throw new Error(`no service is called ${host}`);
  return mesh.endpointsOf(found, port).map((each) => `${each.address}:${each.port} ${each.state}`);
}

const web = "web.default.svc.cluster.local";
const named = "{name: web, containerPort: 8000}";

const slice = (endpoints: string, ports = "{name: http, port: 8080}", name = "web-1") => `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${name}, namespace: default, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [${ports}]
endpoints: [${endpoints}]
---`;

const entry = (name: string, address: string, more = "") =>
  object("WorkloadEntry", name, `{address: ${address}, labels: {app: web}${more}}`);

const serviceEntry = (spec: string) => object("ServiceEntry", "api", `{hosts: [api.example.com], ${spec}}`);

for (const [title, yaml, expected] of [
  ["pods that the service selects", service("web") + pod("web", "10.0.0.1"), ["10.0.0.1:80 healthy"]],
  [
    "the port that the service targets",
    service("web", { target: 8080 }) + pod("web", "10.0.0.1"),
    ["10.0.0.1:8080 healthy"],
  ],
  [
    "the pod's port of the targeted name",
    service("web", { target: "web" }) + pod("web", "10.0.0.1", { ports: named }),
    ["10.0.0.1:8000 healthy"],
  ],
  [
    "a name that every object inherits, where the pod has it",
    service("web", { target: "constructor" }) +
      pod("web", "10.0.0.1", { ports: "{name: constructor, containerPort: 8000}" }),
    ["10.0.0.1:8000 healthy"],
  ],
  [
    "and not where it does not",
    service("web", { target: "constructor" }) + pod("web", "10.0.0.1", { ports: named }),
    [],
  ],
  [
    "an outside name, whatever its port is called",
    object(
      "Service",
      "web",
      "{type: ExternalName, externalName: example.com, ports: [{name: toString, port: 80}]}",
    ).replace("networking.istio.io/v1", "v1"),
    ["example.com:80 healthy"],
  ],
  ["not pods without a port of that name", service("web", { target: "web" }) + pod("web", "10.0.0.1"), []],
  ["not pods of another namespace", service("web") + pod("web", "10.0.0.1", { namespace: "other" }), []],
  [
    "not pods that are not ready",
    service("web") + pod("web", "10.0.0.1").replace('status: "True"', 'status: "False"'),
    [],
  ],
  [
    "unless the service wants those as well",
    service("web").replace("spec:", "spec:\n  publishNotReadyAddresses: true") +
      pod("web", "10.0.0.1").replace('status: "True"', 'status: "False"'),
    ["10.0.0.1:80 healthy"],
  ],
  [
    "what slices list, rather than what is selected",
    service("web") + pod("web", "10.0.0.1") + slice("{addresses: [10.0.0.2], conditions: {ready: true}}"),
    ["10.0.0.2:8080 healthy"],
  ],
  [
    "slices of all parts",
    service("web") +
      slice("{addresses: [10.0.0.2], conditions: {ready: true}}") +
      slice("{addresses: [10.0.0.3], conditions: {ready: true}}", "{name: http, port: 8081}", "web-2"),
    ["10.0.0.2:8080 healthy", "10.0.0.3:8081 healthy"],
  ],
  [
    "endpoints that are ending, as draining",
    service("web") +
      slice(
        "{addresses: [10.0.0.2], conditions: {ready: false, serving: true, terminating: true}}, {addresses: [10.0.0.3], conditions: {ready: false}}",
      ),
    ["10.0.0.2:8080 draining"],
  ],
  [
    "machines besides the pods that slices list",
    service("web") +
      slice("{addresses: [10.0.0.2], conditions: {ready: true}}") +
      entry("vm", "10.0.0.9", ", ports: {http: 9999}"),
    ["10.0.0.2:8080 healthy", "10.0.0.9:9999 healthy"],
  ],
  [
    "machines that name no port, at the target's number",
    service("web", { target: 8080 }) + entry("vm", "10.0.0.9"),
    ["10.0.0.9:8080 healthy"],
  ],
  [
    "machines where the target is a name they do not have, at the service's number",
    service("web", { target: "web" }) + entry("vm", "10.0.0.9"),
    ["10.0.0.9:80 healthy"],
  ],
] as const) {
  test(`a service's endpoints: ${title}`, (t) => t.deepEqual(endpointsOf(yaml, web), expected));
}

const ports = "ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}]";
const selecting = `${ports}, resolution: STATIC, workloadSelector: {labels: {app: web}}`;

for (const [title, yaml, expected] of [
  [
    "those written into it",
    serviceEntry(
      `${ports}, resolution: STATIC, endpoints: [{address: 192.0.2.2}, {address: 192.0.2.1, ports: {http: 81}}]`,
    ),
    ["192.0.2.1:81 healthy", "192.0.2.2:8080 healthy"],
  ],
  [
    "sockets, which have no port",
    serviceEntry(
      "ports: [{number: 80, name: http, protocol: HTTP}], resolution: STATIC, endpoints: [{address: unix:///tmp/x}]",
    ),
    ["unix:///tmp/x:0 healthy"],
  ],
  [
    "its own name, if DNS is to find it",
    serviceEntry(`${ports}, resolution: DNS`),
    ["api.example.com:8080 healthy"],
  ],
  ["none without resolution", serviceEntry(`${ports}, resolution: NONE`), []],
  [
    "pods and machines that it selects",
    serviceEntry(selecting) + pod("web", "10.0.0.1") + entry("vm", "10.0.0.9"),
    ["10.0.0.1:8080 healthy", "10.0.0.9:8080 healthy"],
  ],
  [
    "pods at their own port of that name",
    serviceEntry(selecting) + pod("web", "10.0.0.1", { ports: "{name: http, containerPort: 7000}" }),
    ["10.0.0.1:7000 healthy"],
  ],
] as const) {
  test(`an entry's endpoints: ${title}`, (t) => t.deepEqual(endpointsOf(yaml, "api.example.com"), expected));
}

test("an endpoint says whose it is", (t) => {
  const { mesh } = worldOf(
    service("web") +
      pod("web", "10.0.0.1", { serviceAccount: "webber" }) +
      slice(
        "{addresses: [10.0.0.1], conditions: {ready: true}}, {addresses: [10.0.0.2], conditions: {ready: true}}",
      ),
  );
  const [found] = mesh.servicesByHost.get(web) ?? [];
  const endpoints = found ? mesh.endpointsOf(found, 80) : [];
  t.like(endpoints[0], { workload: "web-1", namespace: "default", serviceAccount: "webber", mtls: true });
  t.like(endpoints[1], { workload: "", serviceAccount: "", mtls: false });
});

test("what a slice lists is no machine that only has the same address", (t) => {
  const { mesh } = worldOf(
    service("web") +
      slice("{addresses: [10.0.0.9], conditions: {ready: true}}") +
      object(
        "WorkloadEntry",
        "vm",
        "{address: 10.0.0.9, labels: {version: one, app: vm}, serviceAccount: vm}",
      ),
  );
  const [found] = mesh.servicesByHost.get(web) ?? [];
  const [endpoint] = found ? mesh.endpointsOf(found, 80) : [];
  t.like(endpoint, { workload: "", labels: {}, serviceAccount: "", mtls: false });
});

test("nothing changed, the same list", (t) => {
  const { mesh } = worldOf(service("web") + pod("web", "10.0.0.1"));
  const [found] = mesh.servicesByHost.get(web) ?? [];
  if (!found) return t.fail();
  t.is(mesh.endpointsOf(found, 80), mesh.endpointsOf(found, 80));
  t.deepEqual(mesh.endpointsOf(found, 81), []);
});

const injected = (labels: string, more = "") => `
apiVersion: v1
kind: Namespace
metadata: {name: default, labels: {${labels}}}
---${service("web")}${pod("web", "10.0.0.1").replace(", security.istio.io/tlsMode: istio", more)}`;

for (const [title, yaml, expected] of [
  ["a namespace with injection gives its pods sidecars", injected("istio-injection: enabled"), true],
  ["so does one with a revision", injected("istio.io/rev: stable"), true],
  ["others do not", injected("istio-injection: disabled"), false],
  ["a pod may stay out", injected("istio-injection: enabled", ", sidecar.istio.io/inject: 'false'"), false],
] as const) {
  test(title, (t) => {
    const { mesh } = worldOf(yaml);
    t.is(mesh.workloads[0]?.mtls, expected);
  });
}
