import test from "ava";
import { object, worldOf } from "../testing/world.ts";

const host = "api.example.com";

/** Older than those with a later name. */
const entry = (
  name: string,
  address: string,
  { port = 80, resolution = "STATIC", labels = "", more = "" } = {},
) =>
  object(
    "ServiceEntry",
    name,
    `{hosts: [${host}], ports: [{number: ${port}, name: http-${port}, protocol: HTTP}], resolution: ${resolution},
     endpoints: [{address: ${address}, labels: {${labels}}}]${more}}`,
  );

function merged(yaml: string) {
  const { mesh } = worldOf(yaml);
  const services = mesh.servicesByHost.get(host) ?? [];
  return services.map((service) => ({
    external: service.external,
    endpoints: service.ports.flatMap(({ number }) =>
      mesh.endpointsOf(service, number).map(({ address, port }) => `${address}:${port}`),
    ),
    labels: mesh.endpointsOf(service, 80).map(({ labels }) => labels),
  }));
}

test("entries add up, and the oldest says whether they are outside the mesh", (t) => {
  const [one, ...more] = merged(
    entry("a", "192.0.2.1") + entry("b", "192.0.2.2", { port: 81, more: ", location: MESH_INTERNAL" }),
  );
  t.deepEqual(more, []);
  t.like(one, { external: true, endpoints: ["192.0.2.1:80", "192.0.2.2:81"] });
});

test("they do not where they are found in different ways or by others", (t) => {
  const first = entry("a", "192.0.2.1");
  t.is(merged(first + entry("b", "192.0.2.2", { resolution: "DNS" })).length, 2);
  t.is(merged(first + entry("b", "192.0.2.2", { more: ", exportTo: [shop]" })).length, 2);
});

test("a socket that two of them list is there once with each set of labels", (t) => {
  const two = entry("a", "192.0.2.1") + entry("b", "192.0.2.1", { labels: "version: one" });
  const [one] = merged(two + entry("c", "192.0.2.1"));
  t.deepEqual(one?.labels, [{}, { version: "one" }]);
});

test("endpoints are in order, but where one alone will count it is the oldest entry's", (t) => {
  for (const [resolution, expected] of [
    ["DNS", ["192.0.2.1:80", "192.0.2.2:80"]],
    ["DNS_ROUND_ROBIN", ["192.0.2.2:80", "192.0.2.1:80"]],
  ] as const) {
    const [one] = merged(entry("a", "192.0.2.2", { resolution }) + entry("b", "192.0.2.1", { resolution }));
    t.deepEqual(one?.endpoints, expected);
  }
});
