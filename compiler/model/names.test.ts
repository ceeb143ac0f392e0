import test from "ava";
import * as fc from "fast-check";
import {
  type ClusterName,
  credentialSecret,
  formatClusterName,
  gatewayRoutes,
  inboundCluster,
  inboundPassthroughCluster,
  listenerName,
  outboundCluster,
  parseClusterName,
  parseClusterSni,
  parseCredentialSecret,
  parseGatewayRoutes,
  parseListenerName,
  sniOfCluster,
  virtualOutboundListener,
} from "./names.ts";

const host = "reviews.default.svc.cluster.local";

test("names have Istio's forms", (t) => {
  t.is(outboundCluster(9080, "v1", host), `outbound|9080|v1|${host}`);
  t.is(outboundCluster(9080, undefined, host), `outbound|9080||${host}`);
  t.is(inboundCluster(9080), "inbound|9080||");
  t.is(sniOfCluster(9080, "v1", host), `outbound_.9080_.v1_.${host}`);
  t.is(sniOfCluster(80, undefined, "a".repeat(239)).length, 255);
  t.is(sniOfCluster(80, undefined, "a".repeat(240)), "", "TLS does not carry it");
  t.is(listenerName("0.0.0.0", 9080), "0.0.0.0_9080");
  t.is(gatewayRoutes({ scheme: "http", port: 8080 }), "http.8080");
  t.is(
    gatewayRoutes({ scheme: "https", port: 443, portName: "https", gateway: "gw", namespace: "ns" }),
    "https.443.https.gw.ns",
  );
  t.is(credentialSecret({ name: "shop", part: "certificate" }), "kubernetes://shop");
  t.is(credentialSecret({ name: "shop", namespace: "edge", part: "ca" }), "kubernetes://edge/shop-cacert");
});

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z0-9]$/);
const port = fc.integer({ min: 0, max: 65535 });
const hostname = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
const outbound = fc.record({ port, subset: fc.option(label, { nil: undefined }), host: hostname }).map(
  ({ subset, ...rest }): ClusterName => ({
    direction: "outbound",
    ...rest,
    ...(subset === undefined ? {} : { subset }),
  }),
);
const inbound = port.map((number): ClusterName => ({ direction: "inbound", port: number }));

test("parsing inverts printing", (t) => {
  fc.assert(
    fc.property(fc.oneof(outbound, inbound), (name) => {
      t.deepEqual(parseClusterName(formatClusterName(name)), name);
    }),
  );
  fc.assert(
    fc.property(outbound, (name) => {
      if (name.direction === "inbound") return;
      t.deepEqual(parseClusterSni(sniOfCluster(name.port, name.subset, name.host)), name);
    }),
  );
  fc.assert(
    fc.property(port, fc.constantFrom("0.0.0.0", "10.0.0.1", "::", "fd00::1"), (number, address) => {
      t.deepEqual(parseListenerName(listenerName(address, number)), { address, port: number });
    }),
  );
  for (const routes of [
    { scheme: "http", port: 80 },
    { scheme: "http", port: 80, bind: "127.0.0.1" },
    { scheme: "https", port: 443, portName: "https", gateway: "gw", namespace: "ns", bind: "10.0.0.1" },
  ] as const) {
    t.deepEqual(parseGatewayRoutes(gatewayRoutes(routes)), routes);
  }
  for (const secret of [
    { name: "shop", part: "ca" },
    { name: "shop", namespace: "edge", part: "certificate" },
  ] as const) {
    t.deepEqual(parseCredentialSecret(credentialSecret(secret)), secret);
  }
});

test("what no function prints does not parse", (t) => {
  for (const name of [
    "",
    inboundPassthroughCluster,
    "outbound|x||a.b",
    "outbound|80|a.b",
    "inbound|80|v1|",
  ]) {
    t.is(parseClusterName(name), undefined, name);
  }
  t.is(parseClusterName("outbound|65536||a.b"), undefined);
  t.is(parseClusterSni("reviews.example.com"), undefined);
  t.is(parseListenerName(virtualOutboundListener), undefined);
  t.is(parseGatewayRoutes("9080"), undefined);
  t.is(parseGatewayRoutes("https.443.https"), undefined);
  t.is(parseCredentialSecret("ROOTCA"), undefined);
  t.is(parseCredentialSecret("kubernetes://a/b/c"), undefined);
});
