// What sidecars at both ends make of a request on its way: names, protocols, what is asked before a body, and second tries.

import test from "ava";
import { ports, serviceFile } from "./cast.ts";
import { type Mesh, startMesh } from "./mesh.ts";

let mesh: Mesh;

test.before(async () => {
  mesh = await startMesh({
    net: 58,
    members: [
      { name: "client", at: 1, envoy: "sidecar", serves: [] },
      { name: "reviews", at: 3, envoy: "sidecar" },
    ],
    files: { "services.yaml": serviceFile("reviews") },
  });
});

test.after.always(() => mesh?.stop());

const call = (url = "http://reviews:9080/", headers: Readonly<Record<string, string>> = {}) =>
  mesh.call("client", url, { headers });

async function counter(envoy: string, name: string): Promise<number> {
  return (await mesh.envoy(envoy).stats(`^${RegExp.escape(name)}$`)).get(name) ?? 0;
}

test.serial("a name may end in a dot, which says that it is whole", async (t) => {
  await mesh.policy("");
  t.is((await call("http://reviews.shop.svc.cluster.local.:9080/")).server, "reviews");
});

test.serial("h2UpgradePolicy: HTTP/2 between sidecars, what the port says at the application", async (t) => {
  const name = "cluster.outbound|9080||reviews.shop.svc.cluster.local.upstream_cx_http2_total";
  const before = await counter("client", name);
  await mesh.policy(`
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy: { connectionPool: { http: { h2UpgradePolicy: UPGRADE } } }
`);
  // The application speaks HTTP/1.1 alone.
  t.is((await call()).server, "reviews");
  t.true((await counter("client", name)) > before);
});

test.serial("whether a body is wanted is for the application to say", async (t) => {
  await mesh.policy("");
  const { seen } = await call("http://reviews:9080/", { expect: "100-continue" });
  t.is(seen?.headers.expect, "100-continue");
});

test.serial("what never reached the application is tried again at its sidecar", async (t) => {
  await mesh.policy("");
  const retries = `cluster.inbound|${ports.service}||.upstream_rq_retry`;
  const before = await counter("reviews", retries);
  await mesh.application("reviews").stop();
  t.is((await call()).status, 503);
  t.is((await counter("reviews", retries)) - before, 2);
});
