import test from "ava";
import type { Destination } from "../model/routes.ts";
import { object, pod, service, worldOf } from "../testing/world.ts";
import { clientOf } from "./client.ts";
import { type ResolvedDestination, resolveDestination } from "./destinations.ts";
import { importsOf } from "./imports.ts";
import type { MeshProxy } from "./proxy.ts";

const origin = { kind: "T", namespace: "", name: "", position: { file: "", line: 1, column: 1, length: 0 } };

function resolve(
  yaml: string,
  destination: Omit<Destination, "origin">,
  proxy: Partial<MeshProxy> = {},
  listenerPort = 80,
): ResolvedDestination | undefined {
  const world = worldOf(pod("client", "10.0.0.1") + yaml);
  const client = clientOf(world.mesh, world.proxy("client-1.default", proxy));
  const services = importsOf(world.mesh, client).serviceByHost;
  return resolveDestination(world.mesh, client, services, { ...destination, origin }, listenerPort);
}

const host = "web.default.svc.cluster.local";
const two = `
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{name: http, port: 80}, {name: http-admin, port: 8080}]}
---`;
const rule = (policy: string) =>
  object(
    "DestinationRule",
    "web",
    `{host: web, ${policy && `trafficPolicy: {${policy}}, `}subsets: [{name: v1, labels: {version: v1}}]}`,
  );

for (const [title, yaml, destination, port, expected] of [
  ["the port it names", two, { host, port: 8080 }, 80, `outbound|8080||${host}`],
  ["the listener's port", two, { host }, 8080, `outbound|8080||${host}`],
  ["the service's only port", service("web", { port: 9080 }), { host }, 80, `outbound|9080||${host}`],
  ["no port of several", two, { host }, 9080, undefined],
  ["a port that does not exist", two, { host, port: 1 }, 80, undefined],
  ["a host that does not exist", two, { host: "gone" }, 80, undefined],
  ["a subset", two + rule(""), { host, subset: "v1" }, 80, `outbound|80|v1|${host}`],
  ["a subset that does not exist", two + rule(""), { host, subset: "v2" }, 80, undefined],
  [
    "one host of a wildcard service",
    object(
      "ServiceEntry",
      "all",
      '{hosts: ["*.example.com"], ports: [{number: 80, name: http, protocol: HTTP}], resolution: NONE}',
    ),
    { host: "a.example.com" },
    80,
    "outbound|80||*.example.com",
  ],
] as const) {
  test(`leads to ${title}`, (t) => t.is(resolve(yaml, destination, {}, port)?.cluster, expected));
}

test("requests are hashed as the policy says", (t) => {
  const hashed = rule("loadBalancer: {consistentHash: {httpHeaderName: x-user}}");
  t.deepEqual(resolve(two + hashed, { host })?.hash, { type: "header", name: "x-user" });
  t.is(resolve(two, { host })?.hash, undefined);
});

const detected = service("web", { portName: "any" });
const follow = rule("connectionPool: {http: {useClientProtocol: true}}");
const upgrade = rule("connectionPool: {http: {h2UpgradePolicy: UPGRADE}}");
const router = { type: "router" } as const;

for (const [title, yaml, proxy, expected] of [
  ["a detected port", detected, {}, true],
  ["an HTTP port", service("web"), {}, false],
  ["an HTTP/2 port", service("web", { portName: "grpc" }), {}, false],
  ["an HTTP port that follows the client", service("web") + follow, {}, true],
  ["a detected port that is upgraded", detected + upgrade, {}, false],
  ["a detected port at a gateway", detected, router, false],
  ["a port that follows a gateway's client", detected + follow, router, true],
  ["a client without identity", detected, { hasIdentity: false }, false],
  ["plain text by policy", detected + rule("tls: {mode: DISABLE}"), {}, false],
  ["TLS that is not the mesh's", detected + rule("tls: {mode: SIMPLE, sni: a}"), {}, false],
  ["mesh TLS by policy", detected + rule("tls: {mode: ISTIO_MUTUAL}"), {}, true],
] as const) {
  test(`${title}: requests ${expected ? "say" : "do not say"} by ALPN what they are`, (t) => {
    t.is(resolve(yaml, { host }, proxy)?.alpnFromRequest, expected);
  });
}
