// The mesh as applications in Kubernetes have it: each workload in a network namespace, its traffic redirected to its
// sidecar, plain requests by name. Without root these tests say so and are skipped.

import test from "ava";
import type { Control } from "../end-to-end/control.ts";
import { eventually } from "../end-to-end/wait-until.ts";
import { type Name, places } from "./cast.ts";
import { startTransparentMesh, type TransparentMesh } from "./mesh.ts";
import { whatIsMissing } from "./namespaces.ts";
import { registryOnly } from "./policies.ts";
import type { Workload } from "./workload.ts";

const missing = whatIsMissing();
const run = missing === undefined ? test.serial : test.serial.skip;

let mesh: TransparentMesh | undefined;
let control: Control;
let the: TransparentMesh["the"];

test.before(async () => {
  if (missing !== undefined) return;
  mesh = await startTransparentMesh(28);
  ({ control, the } = mesh);
});

test.after.always(() => mesh?.stop());

if (missing !== undefined) test(`skipped: ${missing}`, (t) => t.pass());

const routes = (spec: string) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  ${spec.trim().split("\n").join("\n  ")}
`;

const strict = `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec: { mtls: { mode: STRICT } }
`;

/** What no HTTP request begins with. */
const bytes = "\u0001bytes";

const certificateOf = (answer: Awaited<ReturnType<Workload["get"]>>) =>
  answer.seen?.headers["x-forwarded-client-cert"] ?? "";

run("plain HTTP by name: weighted, over mutual TLS", async (t) => {
  await control.policy(
    strict,
    routes(`
http:
  - route:
      - { destination: { host: reviews, subset: v1 }, weight: 75 }
      - { destination: { host: reviews, subset: v2 }, weight: 25 }
`),
  );
  const answers = await Promise.all(
    Array.from({ length: 120 }, () => the("client").get("http://reviews:9080/")),
  );
  t.true(answers.every(({ status }) => status === 200));
  const second = answers.filter(({ server }) => server === "reviews-v2").length;
  t.true(second > 10 && second < 55, `${second} of 120`);
  t.true(
    answers.every((answer) => certificateOf(answer).includes("URI=spiffe://cluster.local/ns/shop/sa/client")),
  );
  t.is(answers[0]?.seen?.authority, "reviews:9080");
});

run("STRICT: plain text from a workload without a sidecar is cut", async (t) => {
  await control.policy("");
  const direct = () =>
    the("legacy")
      .get(`http://${places["reviews-v1"]}:8080/`)
      .then(({ status }) => status)
      .catch(() => 0);
  t.is(await eventually(direct, (status) => status === 200), 200);
  await control.policy(strict);
  t.is(await eventually(direct, (status) => status === 0), 0);
  t.is((await the("client").get("http://reviews:9080/")).status, 200);
});

run("a workload without a sidecar is called in plain text, on port 80", async (t) => {
  await control.policy(strict);
  const answer = await the("client").get("http://legacy/");
  t.is(answer.server, "legacy");
  t.is(certificateOf(answer), "");
});

run("an application calls itself, by address and by its service", async (t) => {
  await control.policy("");
  for (const address of ["127.0.0.1", places["reviews-v1"]]) {
    const { server, seen } = await the("reviews-v1").get(`http://${address}:8080/`);
    t.is(server, "reviews-v1");
    t.is(seen?.headers["x-request-id"], undefined, "past the sidecar");
  }
  const servers = new Set<string>();
  // Envoy chooses by chance: that it chooses the same one forty times happens once in 2^39 runs.
  for (let each = 0; each < 40 && servers.size < 2; each++)
    servers.add((await the("reviews-v1").get("http://reviews:9080/")).server);
  t.deepEqual([...servers].sort(), ["reviews-v1", "reviews-v2"]);
});

run("ALLOW_ANY: addresses outside the mesh, over HTTP, TLS and TCP", async (t) => {
  await control.policy("");
  t.is(
    (await the("client").get("http://outside.example/")).server,
    "outside",
    "a port that nobody in the mesh has",
  );
  t.is(
    (await the("client").get("http://outside.example:9080/")).server,
    "outside",
    "a port that the mesh has as well",
  );
  t.is((await the("client").get(`http://${places.outside}:9080/`)).server, "outside");
  const tls = { host: "outside.example", port: 443, serverName: "tls.vendor.example" };
  t.is((await the("client").getTls(tls)).server, "outside-tls");
  t.is(await the("client").send("outside.example", 7000, "x"), "outside: x");
});

run("REGISTRY_ONLY: nothing outside is reached", async (t) => {
  await control.policy(registryOnly);
  t.is(
    (await the("client").get("http://outside.example:9080/")).status,
    502,
    "where HTTP is known, it says so",
  );
  await t.throwsAsync(the("client").get("http://outside.example:8888/"));
  await t.throwsAsync(the("client").getTls({ host: "outside.example", port: 443, serverName: "x.example" }));
  t.is(
    await the("client")
      .send("outside.example", 7000, "x")
      .catch(() => ""),
    "",
  );
  t.is((await the("client").get("http://reviews:9080/")).status, 200);
});

run("TCP by virtual address: the server speaks first, over mutual TLS", async (t) => {
  await control.policy(strict);
  const text = await the("client").send("data", 7000, "hello", { afterGreeting: true });
  t.regex(text, /^reviews-v[12]: hello$/);
  const stats = await the("client").stats("cluster.outbound\\|7000\\|\\|data.*ssl.handshake");
  t.true(
    [...stats.values()].some((count) => count > 0),
    JSON.stringify([...stats]),
  );
});

run("a Sidecar's TCP port leaves other addresses on that port alone", async (t) => {
  await control.policy(`
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: shop }
spec:
  egress: [{ port: { number: 7000, protocol: TCP, name: tcp }, hosts: ["./*"] }]
`);
  t.regex(await the("client").send("data", 7000, "x"), /^reviews-v[12]: x$/);
  t.is(await the("client").send("outside.example", 7000, "x"), "outside: x");
});

run("TCP: routed by a rule, with weights", async (t) => {
  await control.policy(`
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: data, namespace: shop }
spec: { host: data, subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: data, namespace: shop }
spec:
  hosts: [data]
  tcp:
    - match: [{ port: 7000 }]
      route:
        - { destination: { host: data, subset: v1 }, weight: 0 }
        - { destination: { host: data, subset: v2 }, weight: 100 }
`);
  for (let each = 0; each < 6; each++) {
    t.is(await the("client").send("data", 7000, "x"), "reviews-v2: x");
  }
});

run("a headless service: the address that the client chose", async (t) => {
  await control.policy(strict);
  for (const name of ["reviews-v1", "reviews-v2"] as const) {
    t.is(await the("client").send(places[name], 7072, "x"), `${name}: x`);
    const answer = await the("client").get(`http://${places[name]}:8082/`, {
      headers: { host: "headless.shop.svc.cluster.local:8082" },
    });
    t.is(answer.server, name);
    t.true(certificateOf(answer).includes("sa/client"));
  }
});

run("detected protocols: HTTP is routed, anything else is passed on", async (t) => {
  await control.policy(
    `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: detected, namespace: shop }
spec:
  hosts: [detected]
  http:
    - match: [{ uri: { prefix: /teapot } }]
      directResponse: { status: 418 }
    - route: [{ destination: { host: detected } }]
`,
  );
  const answer = await the("client").get("http://detected:5000/");
  t.regex(answer.server, /^reviews-v[12]$/);
  t.true(certificateOf(answer).includes("sa/client"), "the server saw HTTP over mutual TLS");
  t.is((await the("client").get("http://detected:5000/teapot")).status, 418);
  t.true((await the("client").send("detected", 5001, bytes)).endsWith(`: ${bytes}`));
});

run("ports that no service declares, called directly", async (t) => {
  await control.policy("");
  const at = places["reviews-v1"];
  t.is((await the("legacy").get(`http://${at}:8083/`)).server, "reviews-v1");
  t.is((await the("client").get(`http://${at}:8083/`)).server, "reviews-v1");
  t.is(await the("legacy").send(at, 7073, bytes), `reviews-v1: ${bytes}`);
  t.is(await the("client").send(at, 7073, bytes), `reviews-v1: ${bytes}`);
  await control.policy(strict);
  const direct = () =>
    the("legacy")
      .get(`http://${at}:8083/`)
      .then(({ status }) => status)
      .catch(() => 0);
  t.is(await eventually(direct, (status) => status === 0), 0);
});

run("portLevelMtls guards ports that no service declares", async (t) => {
  const at = places["reviews-v1"];
  const port = (mode: string, ofPort: string) => `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: reviews, namespace: shop }
spec:
  selector: { matchLabels: { app: reviews } }
  mtls: { mode: ${mode} }
  portLevelMtls: { 8083: { mode: ${ofPort} } }
`;
  const direct = (port: number) =>
    the("legacy")
      .get(`http://${at}:${port}/`)
      .then(({ status }) => status)
      .catch(() => 0);
  await control.policy(port("PERMISSIVE", "STRICT"));
  t.is(
    await eventually(
      () => direct(8083),
      (status) => status === 0,
    ),
    0,
  );
  t.is(await direct(8080), 200);
  await control.policy(port("STRICT", "DISABLE"));
  t.is(
    await eventually(
      () => direct(8083),
      (status) => status === 200,
    ),
    200,
  );
  t.is(await direct(8080), 0);
});

run("HTTP/1.0 passes where nobody says that it is HTTP, in and out", async (t) => {
  await control.policy("");
  const old = "GET / HTTP/1.0\r\nhost: outside.example\r\n\r\n";
  // There is no echo: what came stands in the complaint that the server has closed.
  const answer = (from: Name, host: string, port: number) =>
    the(from)
      .send(host, port, old)
      .catch((error: Error) => error.message);
  t.regex(await answer("client", "outside.example", 9080), /HTTP\/1.1 200 OK/);
  t.regex(await answer("legacy", places["reviews-v1"], 8083), /HTTP\/1.1 200 OK/);
});

run("ServiceEntry with resolution NONE, HTTP: counted and routed as its own", async (t) => {
  await control.policy(
    registryOnly,
    `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: vendor, namespace: shop }
spec:
  hosts: ["api.vendor.example"]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  resolution: NONE
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: vendor, namespace: shop }
spec:
  hosts: ["api.vendor.example"]
  http:
    - match: [{ uri: { prefix: /teapot } }]
      directResponse: { status: 418 }
    - route: [{ destination: { host: api.vendor.example } }]
`,
  );
  t.is((await the("client").get("http://api.vendor.example/")).server, "outside");
  t.is((await the("client").get("http://api.vendor.example/teapot")).status, 418);
  t.is((await the("client").get("http://outside.example/")).status, 502);
});

run("ServiceEntry, TLS: by SNI, everything else is not let out", async (t) => {
  await control.policy(
    registryOnly,
    `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: vendor, namespace: shop }
spec:
  hosts: ["tls.vendor.example", "*.wild.example"]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: NONE
`,
  );
  const call = (serverName: string) =>
    the("client").getTls({ host: "tls.vendor.example", port: 443, serverName });
  t.is((await call("tls.vendor.example")).server, "outside-tls");
  t.is((await call("a.wild.example")).seen?.sni, "a.wild.example");
  await t.throwsAsync(call("other.vendor.example"));
});

run("ServiceEntry, TLS, resolution STATIC: SNI leads to the endpoints", async (t) => {
  await control.policy(
    registryOnly,
    `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: vendor, namespace: shop }
spec:
  hosts: ["tls.vendor.example"]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: STATIC
  endpoints: [{ address: ${places.outside} }]
`,
  );
  // Wherever the name resolves to, the entry says where it is.
  const astray = { host: "198.51.100.7", port: 443, serverName: "tls.vendor.example" };
  t.is((await the("client").getTls(astray)).server, "outside-tls");
});

run("ServiceEntry, TCP, with an address of its own", async (t) => {
  await control.policy(
    registryOnly,
    `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: vendor, namespace: shop }
spec:
  hosts: ["db.vendor.example"]
  addresses: [198.51.100.8]
  ports: [{ number: 3306, name: mysql, protocol: TCP }]
  resolution: STATIC
  endpoints: [{ address: ${places.outside}, ports: { mysql: 7000 } }]
`,
  );
  t.is(await the("client").send("198.51.100.8", 3306, "x"), "outside: x");
});

run("ServiceEntry, HTTPS originated by a destination rule", async (t) => {
  await control.policy(
    registryOnly,
    `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: vendor, namespace: shop }
spec:
  hosts: ["api.vendor.example"]
  ports: [{ number: 80, name: http, protocol: HTTP, targetPort: 443 }]
  resolution: STATIC
  endpoints: [{ address: ${places.outside} }]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: vendor, namespace: shop }
spec:
  host: api.vendor.example
  trafficPolicy: { tls: { mode: SIMPLE, insecureSkipVerify: true } }
`,
  );
  const answer = await the("client").get("http://api.vendor.example/x");
  t.is(answer.server, "outside-tls");
  t.is(answer.seen?.sni, "api.vendor.example");
});

run("AuthorizationPolicy: by identity, over HTTP and TCP", async (t) => {
  await control.policy(`
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: reviews, namespace: shop }
spec:
  selector: { matchLabels: { app: reviews } }
  rules:
    - from: [{ source: { principals: ["cluster.local/ns/shop/sa/client"] } }]
      to: [{ operation: { ports: ["8080", "7070"] } }]
`);
  const direct = () =>
    the("legacy")
      .get(`http://${places["reviews-v1"]}:8080/`)
      .then(({ status }) => status);
  t.is(await eventually(direct, (status) => status === 403), 403);
  t.is((await the("client").get("http://reviews:9080/")).status, 200);
  t.regex(await the("client").send("data", 7000, "x"), /: x$/);
  t.is(
    await the("legacy")
      .send(places["reviews-v1"], 7070, "x")
      .catch(() => ""),
    "",
  );
  t.is((await the("client").get("http://detected:5000/")).status, 403);
});
