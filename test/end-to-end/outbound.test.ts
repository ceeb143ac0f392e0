// What a sidecar lets its application reach: service entries, TLS to others, TCP and TLS routes, visibility, and the
// policy for everything else.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { anyWorkload, issueTestCertificate, testRoot } from "../envoy/index.ts";
import { type Application, startApplication } from "./application.ts";
import { ports, serviceFile } from "./cast.ts";
import { converse } from "./converse.ts";
import { answerOf, type CallOptions, type Mesh, startMesh } from "./mesh.ts";
import { clientScope, entry, local, mutual, outside, ownHttp, secure } from "./outside.ts";
import { tlsRequest } from "./tls-client.ts";

let mesh: Mesh;
const external: Application[] = [];
const folder = mkdtempSync(join(tmpdir(), "fairlead-outbound-"));

test.before(async () => {
  const tls = await issueTestCertificate("a.tls.example", "*.example", "plain.example");
  external.push(
    await startApplication({ name: "outside", host: outside, port: 21001 }),
    await startApplication({ name: "second", host: outside, port: 21002 }),
    await startApplication({ name: "secure", host: outside, port: secure, tls }),
    await startApplication({
      name: "mutual",
      host: outside,
      port: mutual,
      tls: { ...tls, clientRoots: testRoot },
    }),
    await startApplication({ name: "local", host: "127.0.0.1", port: local }),
  );
  writeFileSync(join(folder, "root.pem"), testRoot);
  writeFileSync(join(folder, "client.pem"), anyWorkload.certificate);
  writeFileSync(join(folder, "client.key"), anyWorkload.privateKey);
  mesh = await startMesh({
    net: 27,
    members: [
      { name: "client", at: 1, envoy: "sidecar", serves: [] },
      { name: "stranger", at: 2, envoy: "sidecar", namespace: "elsewhere", serves: [] },
      { name: "egress", at: 6, envoy: "gateway" },
      { name: "reviews-v1", at: 3, serves: ["http", "tcp"] },
      { name: "reviews-v2", at: 4, serves: ["http", "tcp"] },
    ],
    files: {
      "services.yaml": serviceFile("reviews", { tcp: true }),
      "client-scope.yaml": clientScope,
      "subsets.yaml": `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  subsets:
    - { name: v1, labels: { version: v1 } }
    - { name: v2, labels: { version: v2 } }
`,
    },
  });
});

test.after.always(async () => {
  await mesh?.stop();
  await Promise.all(external.map((application) => application.stop()));
  rmSync(folder, { recursive: true });
});

const call = (url: string, options?: CallOptions, from = "client") => mesh.call(from, url, options);

test.serial("REGISTRY_ONLY: what nothing names answers 502", async (t) => {
  await mesh.policy("");
  t.is((await call("http://unknown.example/")).status, 502);
  t.is((await call("http://reviews.shop:9999/")).status, 502);
  t.is((await call("http://reviews.shop:9080/")).status, 200);
});

test.serial("ServiceEntry, STATIC: endpoints with ports and weights of their own", async (t) => {
  await mesh.policy(
    entry(`
hosts: [api.example, also.example]
location: MESH_EXTERNAL
resolution: STATIC
ports: [{ number: 80, name: http, protocol: HTTP }]
endpoints:
  - { address: ${outside}, ports: { http: 21001 }, weight: 3 }
  - { address: ${outside}, ports: { http: 21002 }, weight: 1 }
`),
  );
  const servers: string[] = [];
  for (let each = 0; each < 80; each++) servers.push((await call("http://api.example/")).server);
  const second = servers.filter((server) => server === "second").length;
  t.true(second > 5 && second < 40, `${second} of 80`);
  t.regex((await call("http://also.example/")).server, /^(outside|second)$/);
});

test.serial("ServiceEntry, STATIC: targetPort, and workloads by label", async (t) => {
  await mesh.policy(
    entry(`
hosts: [api.example]
resolution: STATIC
ports: [{ number: 80, name: http, protocol: HTTP, targetPort: 21001 }]
endpoints: [{ address: ${outside} }]
`),
    entry(
      `
hosts: [second.example]
location: MESH_INTERNAL
resolution: STATIC
ports: [{ number: 8000, name: http, protocol: HTTP, targetPort: ${ports.service} }]
workloadSelector: { labels: { version: v2 } }
`,
      "selecting",
    ),
  );
  t.is((await call("http://api.example/")).server, "outside");
  t.is((await call("http://second.example:8000/")).server, "reviews-v2");
});

test.serial("ServiceEntry, DNS: by the host's own name, by endpoints, one at a time", async (t) => {
  await mesh.policy(
    entry(`
hosts: [localhost]
resolution: DNS
ports: [{ number: 80, name: http, protocol: HTTP, targetPort: ${local} }]
`),
    entry(
      `
hosts: [by-endpoint.example]
resolution: DNS
ports: [{ number: 80, name: http, protocol: HTTP, targetPort: ${local} }]
endpoints: [{ address: localhost }]
`,
      "endpoint",
    ),
    entry(
      `
hosts: [round.example]
resolution: DNS_ROUND_ROBIN
ports: [{ number: 80, name: http, protocol: HTTP }]
endpoints: [{ address: localhost, ports: { http: ${local} } }]
`,
      "round",
    ),
  );
  t.is((await call("http://localhost/")).server, "local");
  t.is((await call("http://by-endpoint.example/")).server, "local");
  t.is((await call("http://round.example/")).server, "local");
});

test.serial("a service entry is routed like any service", async (t) => {
  await mesh.policy(
    entry(`
hosts: [api.example]
resolution: STATIC
ports: [{ number: 80, name: http, protocol: HTTP, targetPort: 21001 }]
endpoints: [{ address: ${outside} }]
`),
    `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: api, namespace: shop }
spec:
  hosts: [api.example]
  http:
    - match: [{ uri: { prefix: /reviews } }]
      route: [{ destination: { host: reviews, subset: v2, port: { number: 9080 } } }]
    - route: [{ destination: { host: api.example } }]
`,
  );
  t.is((await call("http://api.example/reviews")).server, "reviews-v2");
  t.is((await call("http://api.example/")).server, "outside");
});

test.serial("a virtual service for a host that no service has", async (t) => {
  await mesh.policy(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: made-up, namespace: shop }
spec:
  hosts: [made-up.example]
  http: [{ route: [{ destination: { host: reviews, subset: v1, port: { number: 9080 } } }] }]
`);
  t.is((await call("http://made-up.example/")).server, "reviews-v1");
});

const secureEntry = (port: number) =>
  entry(`
hosts: [plain.example]
resolution: STATIC
ports: [{ number: 80, name: http, protocol: HTTP, targetPort: ${port} }]
endpoints: [{ address: ${outside} }]
`);

const withTls = (tls: string, name = "plain", more = "") => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${name}, namespace: shop }
spec:
  host: plain.example
  ${more}
  trafficPolicy: { tls: ${tls} }
`;

test.serial("TLS, SIMPLE: the server is verified by roots and by name", async (t) => {
  const caCertificates = join(folder, "root.pem");
  await mesh.policy(secureEntry(secure), withTls(`{ mode: SIMPLE, caCertificates: ${caCertificates} }`));
  const answer = await call("http://plain.example/");
  t.is(answer.server, "secure");
  t.is(answer.seen?.sni, "plain.example");

  await mesh.policy(secureEntry(secure), withTls("{ mode: SIMPLE }"));
  t.is((await call("http://plain.example/")).status, 503, "the system knows no such root");

  const sans = "subjectAltNames: [somebody.else]";
  await mesh.policy(
    secureEntry(secure),
    withTls(`{ mode: SIMPLE, caCertificates: ${caCertificates}, ${sans} }`),
  );
  t.is((await call("http://plain.example/")).status, 503, "another name");

  await mesh.policy(
    secureEntry(secure),
    withTls("{ mode: SIMPLE, sni: a.tls.example, insecureSkipVerify: true }"),
  );
  t.is((await call("http://plain.example/")).seen?.sni, "a.tls.example");
});

test.serial("TLS, MUTUAL: with files", async (t) => {
  const files = `caCertificates: ${folder}/root.pem, clientCertificate: ${folder}/client.pem, privateKey: ${folder}/client.key`;
  await mesh.policy(secureEntry(mutual), withTls(`{ mode: MUTUAL, ${files} }`));
  const answer = await call("http://plain.example/");
  t.is(answer.server, "mutual");
  t.is(answer.seen?.clientCertificate, "URI:spiffe://cluster.local/ns/default/sa/default");
  await mesh.policy(secureEntry(mutual), withTls(`{ mode: SIMPLE, caCertificates: ${folder}/root.pem }`));
  t.is((await call("http://plain.example/")).status, 503, "without a certificate");
});

const credential = `
apiVersion: v1
kind: Secret
metadata: { name: vendor, namespace: shop }
stringData:
  tls.crt: ${JSON.stringify(anyWorkload.certificate)}
  tls.key: ${JSON.stringify(anyWorkload.privateKey)}
  ca.crt: ${JSON.stringify(testRoot)}
`;

test.serial("TLS, MUTUAL: with a credential, at selected sidecars", async (t) => {
  await mesh.policy(
    secureEntry(mutual),
    withTls(
      "{ mode: MUTUAL, credentialName: vendor }",
      "plain",
      "workloadSelector: { matchLabels: { app: client } }",
    ),
    credential,
  );
  const answer = await call("http://plain.example/");
  t.is(answer.server, "mutual");
  t.is(answer.seen?.clientCertificate, "URI:spiffe://cluster.local/ns/default/sa/default");
});

test.serial(
  "TLS: a credential is not sent to all sidecars, and what it would verify is not trusted",
  async (t) => {
    await mesh.policy(secureEntry(secure), withTls("{ mode: SIMPLE, credentialName: vendor }"), credential);
    t.is((await call("http://plain.example/")).status, 503);
  },
);

test.serial("TLS, MUTUAL: with a credential, at an egress gateway", async (t) => {
  await mesh.policy(
    secureEntry(mutual),
    withTls("{ mode: MUTUAL, credentialName: vendor }"),
    credential,
    `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: egress, namespace: shop }
spec:
  selector: { app: egress }
  servers: [{ port: { number: 21500, name: http, protocol: HTTP }, hosts: [plain.example] }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: egress, namespace: shop }
spec:
  hosts: [plain.example]
  gateways: [egress]
  http: [{ route: [{ destination: { host: plain.example } }] }]
`,
  );
  const answer = await mesh.knock("egress", { port: 21500, headers: { host: "plain.example" } });
  t.is(answer.server, "mutual");
});

test.serial("a credential that does not exist hurts nobody else", async (t) => {
  await mesh.policy(
    secureEntry(mutual),
    withTls(
      "{ mode: MUTUAL, credentialName: nowhere }",
      "plain",
      "workloadSelector: { matchLabels: { app: client } }",
    ),
  );
  t.is((await call("http://plain.example/")).status, 503);
  t.is((await call("http://reviews:9080/")).status, 200);
  t.is((await call("http://reviews.shop:9080/", {}, "stranger")).status, 200);
});

const tcp = () => converse({ host: mesh.address("client"), port: ports.tcpService, text: "hello" });

test.serial("a listener of the client's own: TCP to the service, as it is and as routed", async (t) => {
  await mesh.policy("");
  t.regex(await tcp(), /^reviews-v[12]: hello$/);
  const route = (rules: string) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  tcp: ${rules}
`;
  await mesh.policy(
    route(`
    - match: [{ port: ${ports.tcpService}, sourceLabels: { app: somebody-else } }]
      route: [{ destination: { host: reviews, subset: v1, port: { number: ${ports.tcpService} } } }]
    - match: [{ port: ${ports.tcpService}, sourceLabels: { app: client } }]
      route: [{ destination: { host: reviews, subset: v2, port: { number: ${ports.tcpService} } } }]`),
  );
  for (let each = 0; each < 5; each++) t.is(await tcp(), "reviews-v2: hello");
  await mesh.policy(
    route(`
    - route:
        - { destination: { host: reviews, subset: v1, port: { number: ${ports.tcpService} } }, weight: 50 }
        - { destination: { host: reviews, subset: v2, port: { number: ${ports.tcpService} } }, weight: 50 }`),
  );
  const servers = new Set(await Promise.all(Array.from({ length: 30 }, tcp)));
  t.deepEqual([...servers].sort(), ["reviews-v1: hello", "reviews-v2: hello"]);
});

const tlsEntry = entry(`
hosts: [a.tls.example, b.tls.example]
resolution: STATIC
ports: [{ number: ${secure}, name: tls, protocol: TLS }]
endpoints: [{ address: ${outside} }]
`);

const overTls = async (serverName: string) =>
  answerOf(await tlsRequest({ host: mesh.address("client"), port: secure, serverName }));

test.serial("a listener of the client's own: TLS by its name, as it is and as routed", async (t) => {
  await mesh.policy(tlsEntry);
  t.is((await overTls("a.tls.example")).seen?.sni, "a.tls.example");
  await t.throwsAsync(overTls("c.tls.example"));
  await mesh.policy(
    tlsEntry,
    `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: tls, namespace: shop }
spec:
  hosts: [a.tls.example, b.tls.example]
  tls:
    - match: [{ port: ${secure}, sniHosts: [a.tls.example] }]
      route: [{ destination: { host: b.tls.example, port: { number: ${secure} } } }]
    - match: [{ sniHosts: [b.tls.example], sourceLabels: { app: somebody-else } }]
      route: [{ destination: { host: a.tls.example } }]
`,
  );
  t.is((await overTls("a.tls.example")).server, "secure");
  const stats = await mesh
    .envoy("client")
    .stats("cluster.outbound\\|21443\\|\\|b.tls.example.upstream_cx_total");
  t.is([...stats.values()][0], 1);
});

test.serial("a listener of the client's own: HTTP for its hosts alone", async (t) => {
  await mesh.policy(
    entry(`
hosts: [own.example]
resolution: STATIC
ports: [{ number: ${ownHttp}, name: http, protocol: HTTP, targetPort: 21001 }]
endpoints: [{ address: ${outside} }]
`),
  );
  const get = (host: string) => mesh.knock("client", { port: ownHttp, headers: { host } });
  t.is((await get("own.example")).server, "outside");
  t.is((await get("reviews.shop")).status, 502);
});

test.serial("exportTo: services and routes of other namespaces", async (t) => {
  const service = (name: string, exportTo: string) =>
    entry(
      `
hosts: [${name}.example]
exportTo: ${exportTo}
resolution: STATIC
ports: [{ number: 80, name: http, protocol: HTTP, targetPort: 21001 }]
endpoints: [{ address: ${outside} }]
`,
      name,
      "elsewhere",
    );
  const routes = (name: string, exportTo: string) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name}, namespace: elsewhere }
spec:
  hosts: [${name}.example]
  exportTo: ${exportTo}
  http: [{ directResponse: { status: 418 } }]
`;
  await mesh.policy(
    service("everyone", '["*"]'),
    service("shop", "[shop]"),
    service("own", '["."]'),
    service("routed", '["*"]'),
    routes("routed", '["."]'),
  );
  t.is((await call("http://everyone.example/")).server, "outside");
  t.is((await call("http://shop.example/")).server, "outside");
  t.is((await call("http://own.example/")).status, 502);
  t.is((await call("http://routed.example/")).server, "outside");
  t.is((await call("http://own.example/", {}, "stranger")).server, "outside");
  t.is((await call("http://shop.example/", {}, "stranger")).status, 502);
  t.is((await call("http://routed.example/", {}, "stranger")).status, 418);
});

const strangerScope = (spec: string) => `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: stranger, namespace: elsewhere }
spec:
  workloadSelector: { labels: { app: stranger } }
  ${spec}
`;

test.serial("Sidecar: egress hosts are all that a workload is told of", async (t) => {
  const api = (name: string, namespace: string) =>
    entry(
      `
hosts: [${name}.example]
resolution: STATIC
ports: [{ number: 80, name: http, protocol: HTTP, targetPort: 21001 }]
endpoints: [{ address: ${outside} }]
`,
      name,
      namespace,
    );
  const get = async (host: string) => (await call(`http://${host}/`, {}, "stranger")).status;
  const entries = [api("own", "elsewhere"), api("other", "shop")];
  await mesh.policy(strangerScope('egress: [{ hosts: ["./*"] }]'), ...entries);
  t.is(await get("own.example"), 200);
  t.is(await get("other.example"), 502);
  t.is(await get("reviews.shop:9080"), 502);
  await mesh.policy(strangerScope('egress: [{ hosts: ["shop/other.example"] }]'), ...entries);
  t.is(await get("own.example"), 502);
  t.is(await get("other.example"), 200);
  t.is(await get("reviews.shop:9080"), 502);
  await mesh.policy(
    strangerScope('egress: [{ hosts: ["*/*.example", "shop/reviews.shop.svc.cluster.local"] }]'),
    ...entries,
  );
  t.deepEqual(
    [await get("own.example"), await get("other.example"), await get("reviews.shop:9080")],
    [200, 200, 200],
  );
  await mesh.policy(strangerScope('egress: [{ hosts: ["~/*"] }]'), ...entries);
  t.is(await get("own.example"), 502);
});

test.serial(
  "ALLOW_ANY: the explicit proxy finds hosts that nothing names, by address and by DNS",
  async (t) => {
    await mesh.policy(strangerScope("outboundTrafficPolicy: { mode: ALLOW_ANY }"));
    const get = (url: string) => call(url, {}, "stranger");
    t.is((await get(`http://${outside}:21001/`)).server, "outside");
    t.is((await get(`http://${outside}:21002/`)).server, "second");
    t.is((await get(`http://localhost:${local}/`)).server, "local");
    t.is((await get("http://reviews.shop:9080/")).status, 200, "what is named goes its own way");
    t.is((await get("http://no-such-host.invalid/")).status, 503);
  },
);
