// Gateways and VirtualServices with hosts made up at random: who answers at a real gateway is who the reference says.

import test from "ava";
import fc from "fast-check";
import { type Mesh, startMesh } from "../end-to-end/mesh.ts";
import { compare } from "./compare.ts";
import { type BoundService, type GatewayHosts, routeFor } from "./gateway.ts";
import { networkingText } from "./objects.ts";

const port = 21500;

let mesh: Mesh;

test.before(async () => {
  mesh = await startMesh({ net: 31, members: [{ name: "ingress", at: 2, envoy: "gateway" }] });
});

test.after.always(() => mesh?.stop());

const patterns = [
  "*",
  "*.example.com",
  "a.example.com",
  "b.example.com",
  "*.a.example.com",
  "other.org",
] as const;
const gatewayHosts = fc.uniqueArray(
  fc
    .tuple(fc.constantFrom("", "", "*/", "./", "shop/", "elsewhere/"), fc.constantFrom(...patterns))
    .map(([namespace, pattern]) => namespace + pattern),
  { minLength: 1, maxLength: 3, selector: (each) => each.split("/").at(-1) },
);
const gateways: fc.Arbitrary<readonly GatewayHosts[]> = fc
  .tuple(gatewayHosts, gatewayHosts)
  .map((both) => both.map((hosts, index) => ({ name: `front-${index}`, hosts })));

const services: fc.Arbitrary<readonly BoundService[]> = fc
  .array(
    fc.record({
      namespace: fc.constantFrom("shop", "elsewhere"),
      // One must not cover another.
      hosts: fc.oneof(
        fc.constantFrom(...patterns).map((pattern) => [pattern]),
        fc.subarray(["a.example.com", "b.example.com", "other.org"], { minLength: 2, maxLength: 2 }),
        fc.constant(["*.a.example.com", "a.example.com"]),
      ),
      gateways: fc.subarray(["front-0", "front-1"], { minLength: 1 }),
      exportTo: fc.constantFrom(
        undefined,
        undefined,
        ["*"],
        ["."],
        ["shop"],
        ["elsewhere"],
        ["shop", "elsewhere"],
      ),
      routes: fc.uniqueArray(fc.constantFrom("/a", "/a/b", "/x", undefined), { minLength: 1, maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((all) =>
    all.map(({ exportTo, ...each }, index) => ({
      ...each,
      ...(exportTo && { exportTo }),
      name: `service-${index}`,
    })),
  );

const request = fc.record({
  host: fc.constantFrom(
    "a.example.com",
    "b.example.com",
    "c.example.com",
    "x.a.example.com",
    "other.org",
    "example.com",
  ),
  path: fc.constantFrom("/", "/a", "/a/b", "/x/y"),
});

function gatewayText({ name, hosts }: GatewayHosts): string {
  return networkingText(
    "Gateway",
    { name, namespace: "shop" },
    {
      selector: { istio: "ingressgateway" },
      servers: [{ port: { number: port, name: "http", protocol: "HTTP" }, hosts }],
    },
  );
}

/** The younger, the later in the list. */
function serviceText(
  { name, namespace, hosts, gateways, routes, exportTo }: BoundService,
  index: number,
): string {
  return networkingText(
    "VirtualService",
    { name, namespace, creationTimestamp: `2026-01-01T00:00:0${index}Z` },
    {
      hosts,
      ...(exportTo && { exportTo }),
      gateways: gateways.map((gateway) => `shop/${gateway}`),
      http: routes.map((prefix, route) => ({
        ...(prefix !== undefined && { match: [{ uri: { prefix } }] }),
        directResponse: { status: 200, body: { string: `${name}/${route}` } },
      })),
    },
  );
}

test("at a gateway answers whose routes the reference finds", (t) =>
  compare(t, {
    policies: fc.record({ gateways, services }),
    requests: request,
    requestsPerPolicy: 24,
    apply: async ({ gateways, services }) => {
      const texts = [...gateways.map(gatewayText), ...services.map(serviceText)];
      await mesh.policy(...texts);
      return texts.join("---\n");
    },
    expected: ({ gateways, services }, made) => routeFor(gateways, services, made) ?? "nobody",
    actual: async ({ host, path }) => {
      const { status, body } = await mesh.knock("ingress", { port, path, headers: { host } });
      return status === 200 ? body : status === 404 ? "nobody" : `status ${status}`;
    },
    kind: (route) => (route === "nobody" ? route : "somebody"),
  }));
