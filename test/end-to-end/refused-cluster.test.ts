// A destination whose cluster a proxy refuses, as when a certificate is not on its disk: what would use it is answered as before or
// by a 500, and everything else goes on, in the same route table too.

import test from "ava";
import { serviceFile } from "./cast.ts";
import { type Mesh, startMesh } from "./mesh.ts";

let mesh: Mesh;

test.before(async () => {
  mesh = await startMesh({
    net: 37,
    members: [
      { name: "client", at: 1, envoy: "sidecar", serves: [] },
      { name: "reviews-v1", at: 3 },
      { name: "reviews-v2", at: 4 },
      { name: "ratings-v1", at: 5 },
    ],
    files: { "services.yaml": `${serviceFile("reviews")}---\n${serviceFile("ratings")}` },
  });
  mesh.control.tolerateNacks = true;
});

test.after.always(() => mesh?.stop());

const routes = (host: string, note: string, subset = "") => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${host}, namespace: shop }
spec:
  hosts: [${host}]
  http:
    - headers: { request: { set: { x-note: ${note} } } }
      route: [{ destination: { host: ${host}${subset} } }]
`;

/** Of a subset of its own, since the service itself has a cluster already, which would stay as it is. */
const rule = (host: string, tls: string) => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${host}, namespace: shop }
spec:
  host: ${host}
  subsets: [{ name: secure, labels: {}, trafficPolicy: { tls: ${tls} } }]
`;

const entry = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: vendor, namespace: shop }
spec:
  hosts: [vendor.example]
  ports: [{ number: 9080, name: http, protocol: HTTP }]
  resolution: STATIC
  endpoints: [{ address: 127.0.37.3, ports: { http: 21000 } }]
`;

const withoutFile = "{ mode: SIMPLE, caCertificates: /not/on/this/disk.pem }";

const call = (host: string, path = "/") => mesh.call("client", `http://${host}:9080${path}`);

test.serial("the host keeps what it has, and another of its table does not wait for it", async (t) => {
  await mesh.policy(routes("reviews", "one"), routes("ratings", "one"));
  t.is((await call("reviews")).seen?.headers["x-note"], "one");

  await mesh.policy(
    routes("reviews", "two", ", subset: secure"),
    rule("reviews", withoutFile),
    routes("ratings", "two"),
  );
  t.regex(mesh.control.nacks.at(-1)?.message ?? "", /secure\|reviews.*disk\.pem/);
  t.is((await call("ratings")).seen?.headers["x-note"], "two");
  const before = await call("reviews");
  t.is(before.status, 200);
  t.is(before.seen?.headers["x-note"], "one");

  await mesh.policy(routes("reviews", "three", ", subset: secure"), rule("reviews", "{ mode: DISABLE }"));
  t.is((await call("reviews")).seen?.headers["x-note"], "three");
});

test.serial("a host that is new has a 500 where the cluster would be used, and only there", async (t) => {
  const vendor = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: vendor, namespace: shop }
spec:
  hosts: [vendor.example]
  http:
    - match: [{ uri: { prefix: /plain } }]
      route: [{ destination: { host: vendor.example } }]
    - route: [{ destination: { host: vendor.example, subset: secure } }]
`;
  await mesh.policy(entry, vendor, rule("vendor.example", withoutFile), routes("ratings", "three"));
  t.is((await call("vendor.example")).status, 500);
  t.is((await call("vendor.example", "/plain")).status, 200);
  t.is((await call("ratings")).seen?.headers["x-note"], "three");

  await mesh.policy(entry, vendor, rule("vendor.example", "{ mode: DISABLE }"));
  t.is((await call("vendor.example")).server, "reviews-v1");
});
