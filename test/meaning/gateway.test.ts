// Gateways and VirtualServices with hosts made up at random: who answers at a real gateway is who the reference says.
// MEANING_SEED and MEANING_POLICIES look elsewhere.

import test from "ava";
import fc from "fast-check";
import { stringify } from "yaml";
import { type Mesh, startMesh } from "../end-to-end/mesh.ts";
import { eventually } from "../end-to-end/wait-until.ts";
import { type BoundService, type GatewayHosts, routeFor } from "./gateway.ts";

const seed = Number(process.env.MEANING_SEED ?? 1);
const numRuns = Number(process.env.MEANING_POLICIES ?? 40);
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
      routes: fc.uniqueArray(fc.constantFrom("/a", "/a/b", "/x", undefined), { minLength: 1, maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((all) => all.map((each, index) => ({ ...each, name: `service-${index}` })));

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
  return stringify({
    apiVersion: "networking.istio.io/v1",
    kind: "Gateway",
    metadata: { name, namespace: "shop" },
    spec: {
      selector: { istio: "ingressgateway" },
      servers: [{ port: { number: port, name: "http", protocol: "HTTP" }, hosts }],
    },
  });
}

/** The younger, the later in the list. */
function serviceText({ name, namespace, hosts, gateways, routes }: BoundService, index: number): string {
  return stringify({
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name, namespace, creationTimestamp: `2026-01-01T00:00:0${index}Z` },
    spec: {
      hosts,
      gateways: gateways.map((gateway) => `shop/${gateway}`),
      http: routes.map((prefix, route) => ({
        ...(prefix !== undefined && { match: [{ uri: { prefix } }] }),
        directResponse: { status: 200, body: { string: `${name}/${route}` } },
      })),
    },
  });
}

test("at a gateway answers whose routes the reference finds", async (t) => {
  t.timeout(1_800_000);
  const seen = { answered: 0, unknown: 0 };
  const faults: string[] = [];
  const requests = fc.array(request, { minLength: 24, maxLength: 24 });
  for (const [fronts, bound, made] of fc.sample(fc.tuple(gateways, services, requests), { seed, numRuns })) {
    const text = [...fronts.map(gatewayText), ...bound.map(serviceText)];
    await mesh.policy(...text);
    for (const { host, path } of made) {
      const expected = routeFor(fronts, bound, { host, path });
      const answer = await eventually(
        async () => {
          const { status, body } = await mesh.knock("ingress", { port, path, headers: { host } });
          return status === 200 ? body : status === 404 ? undefined : `status ${status}`;
        },
        (actual) => actual === expected,
      );
      if (expected === undefined) seen.unknown++;
      else seen.answered++;
      if (answer === expected) continue;
      faults.push(`${text.join("---\n")}\n${host}${path}\n  is ${answer}, not ${expected}`);
      break;
    }
    if (faults.length === 3) break;
  }
  t.deepEqual(faults, []);
  t.log(JSON.stringify(seen));
});
