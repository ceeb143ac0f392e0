// A gateway: which hosts it answers for, over HTTP, HTTPS and TLS passed through, and where requests go from there.

import test from "ava";
import {
  issueTestCertificate,
  selfSignedTestCertificate,
  type TestCertificate,
  testRoot,
} from "../envoy/index.ts";
import { type Application, startApplication } from "./application.ts";
import { ports, serviceFile } from "./cast.ts";
import { converse } from "./converse.ts";
import { answerOf, type Mesh, startMesh } from "./mesh.ts";
import { presentedSerial, type TlsRequest, tlsRequest } from "./tls-client.ts";
import { eventually } from "./wait-until.ts";

let mesh: Mesh;
let secureApplication: Application;

const gatewayAt = "127.0.26.2";
const http = 21500;
const https = 21501;
const tcp = 21502;
/** An application that speaks TLS itself. */
const own = { host: "127.0.26.9", port: 21400 };

test.before(async () => {
  secureApplication = await startApplication({
    name: "own-tls",
    ...own,
    tls: await issueTestCertificate("pass.example", "*.pass.example"),
  });
  mesh = await startMesh({
    net: 26,
    members: [
      { name: "ingress", at: 2, envoy: "gateway" },
      { name: "reviews-v1", at: 3, envoy: "sidecar", serves: ["http", "tcp"] },
      { name: "reviews-v2", at: 4 },
      { name: "ratings-v1", at: 5 },
    ],
    files: {
      "services.yaml": [serviceFile("reviews", { tcp: true }), serviceFile("ratings")].join("---"),
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
      "own-tls.yaml": `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: own-tls, namespace: shop }
spec:
  hosts: [pass.example, a.pass.example]
  location: MESH_EXTERNAL
  resolution: STATIC
  ports: [{ number: 443, name: tls, protocol: TLS, targetPort: ${own.port} }]
  endpoints: [{ address: ${own.host} }]
`,
    },
  });
});

test.after.always(async () => {
  await mesh?.stop();
  await secureApplication?.stop();
});

const gateway = (servers: string, name = "front") => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: ${name}, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
${servers}
`;

const routes = (hosts: string, spec: string, name = "routes", namespace = "shop") => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  hosts: ${hosts}
  gateways: [shop/front]
${spec}
`;

const toReviews = (subset: string) =>
  `  http: [{ route: [{ destination: { host: reviews.shop.svc.cluster.local, subset: ${subset}, port: { number: 9080 } } }] }]`;
const toRatings =
  "  http: [{ route: [{ destination: { host: ratings.shop.svc.cluster.local, port: { number: 9080 } } }] }]";

const plainServer = (hosts: string) =>
  `    - { port: { number: ${http}, name: http, protocol: HTTP }, hosts: ${hosts} }`;

const secret = (name: string, { certificate, privateKey }: TestCertificate, ca?: string) => `
apiVersion: v1
kind: Secret
metadata: { name: ${name}, namespace: shop }
type: kubernetes.io/tls
stringData:
  tls.crt: ${JSON.stringify(certificate)}
  tls.key: ${JSON.stringify(privateKey)}
${ca === undefined ? "" : `  ca.crt: ${JSON.stringify(ca)}`}
`;

const get = (host: string, path = "/", headers: Readonly<Record<string, string>> = {}) =>
  mesh.knock("ingress", { port: http, path, headers: { host, ...headers } });

const getTls = async (serverName: string, options: Partial<TlsRequest> = {}) =>
  answerOf(await tlsRequest({ host: gatewayAt, port: https, serverName, roots: testRoot, ...options }));

test.serial("each host has its own routes; hosts that none has answer 404", async (t) => {
  await mesh.policy(
    gateway(plainServer('["one.example", "*.wild.example"]')),
    routes("[one.example]", toReviews("v1"), "one"),
    routes('["*.wild.example"]', toRatings, "wild"),
    routes("[other.example]", toRatings, "other"),
  );
  t.is((await get("one.example")).server, "reviews-v1");
  t.is((await get("one.example:8080")).server, "reviews-v1", "the port does not matter");
  t.is((await get("a.wild.example")).server, "ratings-v1");
  t.is((await get("a.b.wild.example")).server, "ratings-v1");
  t.is((await get("wild.example")).status, 404);
  t.is((await get("other.example")).status, 404, "the gateway does not offer it");
  t.is((await get("unknown.example")).status, 404);
});

test.serial("the upstream is reached by mutual TLS, as the gateway's identity", async (t) => {
  await mesh.policy(gateway(plainServer('["*"]')), routes('["*"]', toReviews("v1")));
  const answer = await get("any.example");
  const seen = answer.seen?.headers["x-forwarded-client-cert"] ?? "";
  t.true(seen.includes("URI=spiffe://cluster.local/ns/shop/sa/ingress"), seen);
});

test.serial("a gateway does not believe what clients say of themselves", async (t) => {
  await mesh.policy(gateway(plainServer('["*"]')), routes('["*"]', toRatings));
  const { seen } = await get("any.example", "/", {
    "x-forwarded-client-cert": "URI=spiffe://cluster.local/ns/shop/sa/admin",
    "x-forwarded-for": "1.2.3.4",
  });
  t.false(seen?.headers["x-forwarded-client-cert"]?.includes("admin") ?? false);
  t.is(seen?.headers["x-envoy-external-address"], "127.0.0.1");
  // Envoy writes the machine's own address for a peer on loopback.
  t.regex(seen?.headers["x-forwarded-for"] ?? "", /^1\.2\.3\.4,[^,]+$/);
});

test.serial("routes of another gateway are not served", async (t) => {
  await mesh.policy("");
  const elsewhere = gateway(plainServer('["*"]'), "back").replace("ingressgateway", "elsewhere");
  await mesh.policy(
    gateway(plainServer('["*"]')),
    elsewhere,
    routes('["*"]', toRatings).replace("shop/front", "shop/back"),
  );
  t.is((await get("any.example")).status, 404);
});

test.serial("routes bound to the mesh alone, or to other gateways, do not show", async (t) => {
  await mesh.policy(
    gateway(plainServer('["*"]')),
    routes("[a.example]", toRatings, "a").replace("shop/front", "mesh"),
    routes(
      "[b.example]",
      `  http: [{ match: [{ gateways: [mesh] }], directResponse: { status: 418 } }, { match: [{ gateways: [shop/front] }], directResponse: { status: 204 } }]`,
      "b",
    ).replace("[shop/front]", "[shop/front, mesh]"),
  );
  t.is((await get("a.example")).status, 404);
  t.is((await get("b.example")).status, 204);
});

test.serial("hosts of a namespace: routes of others are not taken", async (t) => {
  await mesh.policy(
    gateway(plainServer('["shop/*.example", "./own.test", "elsewhere/far.test"]')),
    routes("[near.example]", toRatings, "near"),
    routes("[thief.example]", toRatings, "thief", "elsewhere"),
    routes("[own.test]", toRatings, "own"),
    routes("[far.test]", toRatings, "far", "elsewhere"),
  );
  t.is((await get("near.example")).server, "ratings-v1");
  t.is((await get("thief.example")).status, 404);
  t.is((await get("own.test")).server, "ratings-v1");
  t.is((await get("far.test")).server, "ratings-v1");
});

test.serial("two objects for one host are joined, in order of age", async (t) => {
  const older = routes(
    "[one.example]",
    "  http: [{ match: [{ uri: { prefix: /a } }], route: [{ destination: { host: ratings, port: { number: 9080 } } }] }]",
    "z-older",
  ).replace("metadata: {", "metadata: { creationTimestamp: 2024-01-01T00:00:00Z,");
  const newer = routes(
    "[one.example]",
    "  http: [{ match: [{ uri: { prefix: /b } }], directResponse: { status: 418 } }, { match: [{ uri: { prefix: /a } }], directResponse: { status: 500 } }]",
    "a-newer",
  ).replace("metadata: {", "metadata: { creationTimestamp: 2025-01-01T00:00:00Z,");
  await mesh.policy(gateway(plainServer('["*"]')), newer, older);
  t.is((await get("one.example", "/a")).server, "ratings-v1");
  t.is((await get("one.example", "/b")).status, 418);
});

test.serial("httpsRedirect", async (t) => {
  await mesh.policy(
    gateway(
      `    - { port: { number: ${http}, name: http, protocol: HTTP }, hosts: [one.example], tls: { httpsRedirect: true } }`,
    ),
    routes("[one.example]", toRatings),
  );
  const answer = await get("one.example", "/x?q=1");
  t.is(answer.status, 301);
  t.is(answer.headers.location, "https://one.example/x?q=1");
});

test.serial("HTTPS with a certificate from a Secret, several hosts with one each", async (t) => {
  const one = await issueTestCertificate("one.example");
  const two = await issueTestCertificate("*.two.example");
  await mesh.policy(
    gateway(`
    - { port: { number: ${https}, name: https-one, protocol: HTTPS }, hosts: [one.example], tls: { mode: SIMPLE, credentialName: one } }
    - { port: { number: ${https}, name: https-two, protocol: HTTPS }, hosts: ["*.two.example"], tls: { mode: SIMPLE, credentialName: two } }`),
    routes(
      "[one.example]",
      "  http: [{ match: [{ scheme: { exact: https } }], route: [{ destination: { host: reviews, subset: v1, port: { number: 9080 } } }] }]",
      "one",
    ),
    routes('["*.two.example"]', toRatings, "two"),
    secret("one", one),
    secret("two", two),
  );
  t.is((await getTls("one.example")).server, "reviews-v1");
  t.is((await getTls("one.example")).seen?.headers["x-forwarded-proto"], "https");
  t.is((await getTls("a.two.example")).server, "ratings-v1");
  await t.throwsAsync(getTls("three.example"), undefined, "no certificate for that name");
  const crossed = await getTls("one.example", { headers: { host: "a.two.example" } });
  t.is(crossed.status, 404, "the host of another certificate");
});

test.serial("a changed Secret is presented without a change of listeners", async (t) => {
  const policy = (certificate: TestCertificate) => [
    gateway(
      `    - { port: { number: ${https}, name: https, protocol: HTTPS }, hosts: [one.example], tls: { mode: SIMPLE, credentialName: one } }`,
    ),
    routes("[one.example]", toRatings),
    secret("one", certificate),
  ];
  const at = { host: gatewayAt, port: https, serverName: "one.example" };
  await mesh.policy(...policy(await issueTestCertificate("one.example")));
  t.is((await getTls("one.example")).server, "ratings-v1");
  const before = await presentedSerial(at);
  const updates = async () =>
    (await mesh.envoy("ingress").stats("lds.update_success$")).get("listener_manager.lds.update_success");
  const changes = await updates();
  await mesh.policy(...policy(await issueTestCertificate("one.example")));
  const after = await eventually(
    () => presentedSerial(at),
    (serial) => serial !== before,
  );
  t.not(after, before);
  t.is((await getTls("one.example")).server, "ratings-v1");
  t.is(await updates(), changes);
});

test.serial("a missing Secret takes down its own host alone", async (t) => {
  const one = await issueTestCertificate("one.example");
  await mesh.edit({
    "policy.yaml": [
      gateway(`
    - { port: { number: ${https}, name: https-one, protocol: HTTPS }, hosts: [one.example], tls: { mode: SIMPLE, credentialName: one } }
    - { port: { number: ${https}, name: https-two, protocol: HTTPS }, hosts: [two.example], tls: { mode: SIMPLE, credentialName: nowhere } }`),
      routes("[one.example, two.example]", toRatings),
      secret("one", one),
    ].join("---\n"),
  });
  t.is((await getTls("one.example")).server, "ratings-v1");
  await t.throwsAsync(getTls("two.example", { roots: testRoot }));
});

test.serial("MUTUAL: the client needs a certificate of the right authority", async (t) => {
  await mesh.policy(
    gateway(
      `    - { port: { number: ${https}, name: https, protocol: HTTPS }, hosts: [one.example], tls: { mode: MUTUAL, credentialName: one } }`,
    ),
    routes("[one.example]", toRatings),
    secret("one", await issueTestCertificate("one.example"), testRoot),
  );
  const client = await issueTestCertificate("client.example");
  const answer = await getTls("one.example", { client });
  t.is(answer.server, "ratings-v1");
  t.true(answer.seen?.headers["x-forwarded-client-cert"]?.includes("DNS=client.example"));
  await t.throwsAsync(getTls("one.example"));
  await t.throwsAsync(getTls("one.example", { client: await selfSignedTestCertificate("client.example") }));
});

test.serial("MUTUAL: only certain clients", async (t) => {
  await mesh.policy(
    gateway(
      `    - { port: { number: ${https}, name: https, protocol: HTTPS }, hosts: [one.example], tls: { mode: MUTUAL, credentialName: one, subjectAltNames: [good.example] } }`,
    ),
    routes("[one.example]", toRatings),
    secret("one", await issueTestCertificate("one.example"), testRoot),
  );
  t.is(
    (await getTls("one.example", { client: await issueTestCertificate("good.example") })).server,
    "ratings-v1",
  );
  await t.throwsAsync(getTls("one.example", { client: await issueTestCertificate("bad.example") }));
});

test.serial("OPTIONAL_MUTUAL: with and without a certificate", async (t) => {
  await mesh.policy(
    gateway(
      `    - { port: { number: ${https}, name: https, protocol: HTTPS }, hosts: [one.example], tls: { mode: OPTIONAL_MUTUAL, credentialName: one } }`,
    ),
    routes("[one.example]", toRatings),
    secret("one", await issueTestCertificate("one.example"), testRoot),
  );
  t.is((await getTls("one.example")).server, "ratings-v1");
  t.is(
    (await getTls("one.example", { client: await issueTestCertificate("a.example") })).server,
    "ratings-v1",
  );
});

test.serial("PASSTHROUGH: by SNI, without opening the connection", async (t) => {
  await mesh.policy(
    gateway(
      `    - { port: { number: ${https}, name: tls, protocol: TLS }, hosts: ["pass.example", "*.pass.example"], tls: { mode: PASSTHROUGH } }`,
    ),
    routes(
      '["*.pass.example", "pass.example"]',
      `  tls:
    - match: [{ port: ${https}, sniHosts: [pass.example, a.pass.example] }]
      route: [{ destination: { host: pass.example, port: { number: 443 } } }]`,
    ),
  );
  const answer = await getTls("a.pass.example");
  t.is(answer.server, "own-tls");
  t.is(answer.seen?.sni, "a.pass.example");
  t.is((await getTls("pass.example")).server, "own-tls");
  await t.throwsAsync(getTls("b.pass.example"), undefined, "no route has this name");
});

test.serial("TCP: to a subset of a service", async (t) => {
  await mesh.policy(
    gateway(`    - { port: { number: ${tcp}, name: tcp, protocol: TCP }, hosts: ["*"] }`),
    routes(
      '["*"]',
      `  tcp:
    - match: [{ port: ${tcp} }]
      route: [{ destination: { host: reviews, port: { number: ${ports.tcpService} }, subset: v1 } }]`,
    ),
  );
  t.is(await converse({ host: gatewayAt, port: tcp, text: "hello" }), "reviews-v1: hello");
});

test.serial("an AuthorizationPolicy for the gateway", async (t) => {
  await mesh.policy(
    gateway(plainServer('["*"]')),
    routes('["*"]', toRatings),
    `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: front, namespace: shop }
spec:
  selector: { matchLabels: { istio: ingressgateway } }
  action: DENY
  rules: [{ to: [{ operation: { hosts: [closed.example], paths: ["/x*"] } }] }]
`,
  );
  t.is(
    (
      await eventually(
        () => get("closed.example", "/x"),
        ({ status }) => status === 403,
      )
    ).status,
    403,
  );
  t.is((await get("closed.example", "/y")).server, "ratings-v1");
  t.is((await get("open.example", "/x")).server, "ratings-v1");
});
