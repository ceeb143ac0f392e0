import test from "ava";
import { stringify } from "yaml";
import { compileMesh } from "../compile.ts";
import { expiredCertificate, expiredKey, testCertificate, testKey } from "../testing/credentials.ts";
import { checkLifetimes, lifetimesInUse } from "./lifetimes.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

function secret(name: string, data: Readonly<Record<string, string>>): object {
  const encoded = Object.fromEntries(Object.entries(data).map(([key, text]) => [key, base64(text)]));
  return { apiVersion: "v1", kind: "Secret", metadata: { name, namespace: "istio-system" }, data: encoded };
}

const gateway = (credentialName: string) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "Gateway",
  metadata: { name: "edge", namespace: "istio-system" },
  spec: {
    selector: { istio: "ingressgateway" },
    servers: [
      {
        port: { number: 443, name: "https", protocol: "HTTPS" },
        hosts: ["*"],
        tls: { mode: "MUTUAL", credentialName },
      },
    ],
  },
});

const destination = (credentialName: string) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "DestinationRule",
  metadata: { name: "out", namespace: "istio-system" },
  spec: { host: "out.example", trafficPolicy: { tls: { mode: "SIMPLE", credentialName } } },
});

function meshOf(...objects: readonly object[]) {
  const text = objects.map((each) => stringify(each)).join("---\n");
  return compileMesh({ files: [{ name: "a.yaml", text }] }).mesh;
}

const good = { "tls.crt": testCertificate, "tls.key": testKey };
const served = meshOf(secret("web", good), gateway("web"));
const [lifetime = { from: 0, until: 0 }] = lifetimesInUse(served);
const day = 24 * 60 * 60 * 1000;

function said(mesh: ReturnType<typeof meshOf>, now: number): readonly string[] {
  return checkLifetimes(mesh, now).map(
    ({ code, message, position }) => `${position.line} ${code} ${message}`,
  );
}

test("a certificate is warned of in its last two weeks, and when its time is over or has not begun", (t) => {
  const until = new Date(lifetime.until).toISOString().replace(".000", "");
  t.true(lifetime.until - lifetime.from > 50 * 365 * day);
  t.deepEqual(said(served, lifetime.until - 15 * day), []);
  t.deepEqual(said(served, lifetime.until - 13 * day), [
    `4 credential-expires-soon the certificate of web expires at ${until}`,
  ]);
  t.deepEqual(said(served, lifetime.until + 1), [
    `4 credential-expired the certificate of web expired at ${until}`,
  ]);
  const from = new Date(lifetime.from).toISOString().replace(".000", "");
  t.deepEqual(said(served, lifetime.from - 1), [
    `4 credential-expired the certificate of web is not valid before ${from}`,
  ]);
});

test("nobody is warned of what nothing names", (t) => {
  const idle = meshOf(secret("web", good), gateway("other"));
  t.deepEqual(lifetimesInUse(idle), []);
});

test("a CA bundle counts until its last certificate ends, wherever it is and whoever names it", (t) => {
  const expired = { "ca.crt": expiredCertificate };
  const both = { "ca.crt": expiredCertificate + testCertificate };
  const now = Date.parse("2030-01-01");
  for (const [data, count] of [
    [expired, 1],
    [both, 0],
  ] as const) {
    t.is(said(meshOf(secret("web", good), secret("web-cacert", data), gateway("web")), now).length, count);
    t.is(said(meshOf(secret("out", data), destination("out")), now).length, count);
    t.is(said(meshOf(secret("web", { ...good, ...data }), gateway("web")), now).length, count);
  }
});

test("of a chain the first certificate counts", (t) => {
  const now = Date.parse("2030-01-01");
  const chain = { "tls.crt": expiredCertificate + testCertificate, "tls.key": expiredKey };
  t.deepEqual(said(meshOf(secret("web", chain), gateway("web")), now), [
    "4 credential-expired the certificate of web expired at 2021-01-01T00:00:00Z",
  ]);
  const other = { "tls.crt": testCertificate + expiredCertificate, "tls.key": testKey };
  t.deepEqual(said(meshOf(secret("web", other), gateway("web")), now), []);
});
