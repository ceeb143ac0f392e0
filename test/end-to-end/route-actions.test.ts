// What an HTTP route does with a request: weights, redirects, direct answers, rewrites, header operations, CORS, mirrors
// and delegates, as client and server see them.

import test from "ava";
import { serviceFile } from "./cast.ts";
import { type Mesh, startMesh } from "./mesh.ts";
import { eventually } from "./wait-until.ts";

let mesh: Mesh;

test.before(async () => {
  mesh = await startMesh({
    net: 21,
    members: [
      { name: "client", at: 1, envoy: "sidecar", serves: [] },
      { name: "reviews-v1", at: 3 },
      { name: "reviews-v2", at: 4 },
      { name: "ratings-v1", at: 5 },
    ],
    files: {
      "services.yaml": [serviceFile("reviews"), serviceFile("ratings")].join("---"),
      "subsets.yaml": `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  subsets:
    - { name: v1, labels: { version: v1 } }
    - { name: v2, labels: { version: v2 } }
    - { name: v3, labels: { version: v3 } }
`,
    },
  });
});

test.after.always(() => mesh?.stop());

/** A virtual service for reviews with these HTTP rules, indented by four. */
const rules = (text: string) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
${text}
`;

const call = (path: string, options: Parameters<Mesh["call"]>[2] = {}) =>
  mesh.call("client", `http://reviews:9080${path}`, options);

const toV1 = "route: [{ destination: { host: reviews, subset: v1 } }]";

test.serial("weights share requests out", async (t) => {
  await mesh.policy(
    rules(`
    - route:
        - { destination: { host: reviews, subset: v1 }, weight: 90 }
        - { destination: { host: reviews, subset: v2 }, weight: 10 }
`),
  );
  const servers = await Promise.all(Array.from({ length: 300 }, async () => (await call("/")).server));
  const second = servers.filter((server) => server === "reviews-v2").length;
  t.true(second > 5 && second < 70, `${second} of 300 went to v2`);
  t.is(servers.filter((server) => server === "reviews-v1").length, 300 - second);
});

test.serial("a weight of 0 gets nothing, and weights need not add up to 100", async (t) => {
  await mesh.policy(
    rules(`
    - route:
        - { destination: { host: reviews, subset: v1 }, weight: 0 }
        - { destination: { host: reviews, subset: v2 }, weight: 1 }
        - { destination: { host: ratings }, weight: 1 }
`),
  );
  const servers = new Set(
    await Promise.all(Array.from({ length: 60 }, async () => (await call("/")).server)),
  );
  t.deepEqual([...servers].sort(), ["ratings-v1", "reviews-v2"]);
});

test.serial("a destination may be another service, in another port", async (t) => {
  await mesh.policy(rules("    - route: [{ destination: { host: ratings, port: { number: 80 } } }]"));
  t.is((await call("/")).server, "ratings-v1");
});

test.serial("a subset without workloads answers 503", async (t) => {
  await mesh.edit({
    "policy.yaml": rules(`
    - match: [{ uri: { exact: /empty } }]
      route: [{ destination: { host: reviews, subset: v3 } }]
    - ${toV1}
`),
  });
  t.is((await call("/empty")).status, 503);
  t.is((await call("/")).server, "reviews-v1");
});

test.serial("routes to a subset that nothing defines stay as they were until something does", async (t) => {
  await mesh.edit({ "policy.yaml": rules(`    - ${toV1}`) });
  await mesh.edit({ "policy.yaml": rules("    - route: [{ destination: { host: reviews, subset: v9 } }]") });
  t.is((await call("/")).server, "reviews-v1");
  t.deepEqual(
    mesh.control.plane.world().held.map(({ kind, name }) => `${kind} ${name}`),
    ["VirtualService reviews"],
  );
});

const redirects: Readonly<Record<string, readonly [action: string, status: number, location: string]>> = {
  uri: ["{ uri: /v2/new }", 301, "http://reviews:9080/v2/new?q=1"],
  "authority and code": [
    "{ authority: other.example, redirectCode: 302 }",
    302,
    "http://other.example/old/x?q=1",
  ],
  port: ["{ port: 8443, scheme: https, redirectCode: 307 }", 307, "https://reviews:8443/old/x?q=1"],
  "port from the request": [
    "{ derivePort: FROM_REQUEST_PORT, authority: other.example, redirectCode: 308 }",
    308,
    "http://other.example:9080/old/x?q=1",
  ],
  "port from the scheme": [
    "{ derivePort: FROM_PROTOCOL_DEFAULT, authority: other.example, redirectCode: 303 }",
    303,
    "http://other.example/old/x?q=1",
  ],
  "scheme alone": ["{ scheme: https }", 301, "https://reviews:9080/old/x?q=1"],
  everything: [
    "{ uri: /n, authority: a.example, scheme: https, port: 444 }",
    301,
    "https://a.example:444/n?q=1",
  ],
};

for (const [name, [redirect, status, location]] of Object.entries(redirects)) {
  test.serial(`redirect: ${name}`, async (t) => {
    await mesh.policy(
      rules(`
    - match: [{ uri: { prefix: /old } }]
      redirect: ${redirect}
    - ${toV1}
`),
    );
    const answer = await call("/old/x?q=1");
    t.is(answer.status, status);
    t.is(answer.headers.location, location);
    t.is((await call("/new")).server, "reviews-v1");
  });
}

test.serial("redirect: the matched prefix replaced", async (t) => {
  await mesh.policy(
    rules(`
    - match: [{ uri: { prefix: /old/ } }]
      redirect: { uri: "%PREFIX()%/new/" }
`),
  );
  t.is((await call("/old/x?q=1")).headers.location, "http://reviews:9080/new/x?q=1");
});

test.serial("directResponse: a status with a text, with bytes, and alone", async (t) => {
  await mesh.policy(
    rules(`
    - match: [{ uri: { exact: /text } }]
      directResponse: { status: 418, body: { string: "short and stout" } }
      headers: { response: { set: { content-type: text/x-tea } } }
    - match: [{ uri: { exact: /bytes } }]
      directResponse: { status: 200, body: { bytes: aGVsbG8= } }
    - directResponse: { status: 404 }
`),
  );
  const text = await call("/text");
  t.is(text.status, 418);
  t.is(text.body, "short and stout");
  t.is(text.headers["content-type"], "text/x-tea");
  t.is((await call("/bytes")).body, "hello");
  const none = await call("/");
  t.is(none.status, 404);
  t.is(none.body, "");
});

const rewrites: Readonly<
  Record<string, readonly [match: string, rewrite: string, from: string, to: string]>
> = {
  prefix: ["prefix: /old", "{ uri: /new }", "/old/x?q=1", "/new/x?q=1"],
  "prefix by a slash": ["prefix: /old/", "{ uri: / }", "/old/x", "/x"],
  exact: ["exact: /old", "{ uri: /new/page }", "/old?q=1", "/new/page?q=1"],
  "regex match": ["regex: '/old/.*'", "{ uri: /new }", "/old/x", "/new"],
  uriRegexRewrite: [
    "prefix: /old",
    String.raw`{ uriRegexRewrite: { match: "^/old/([^/]+)/(.*)$", rewrite: "/\\2/of/\\1" } }`,
    "/old/books/7?q=1",
    "/7/of/books?q=1",
  ],
};

for (const [name, [match, rewrite, from, to]] of Object.entries(rewrites)) {
  test.serial(`rewrite: ${name}`, async (t) => {
    await mesh.policy(
      rules(`
    - match: [{ uri: { ${match} } }]
      rewrite: ${rewrite}
      ${toV1}
`),
    );
    t.is((await call(from)).seen?.path, to);
  });
}

test.serial("rewrite: authority", async (t) => {
  await mesh.policy(
    rules(`
    - match: [{ uri: { prefix: /old } }]
      rewrite: { uri: /new, authority: inside.example }
      ${toV1}
    - ${toV1}
`),
  );
  const { seen } = await call("/old");
  t.is(seen?.authority, "inside.example");
  t.is(seen?.path, "/new");
  t.is((await call("/")).seen?.authority, "reviews:9080");
});

test.serial("headers: set, add and remove, on the way there and back", async (t) => {
  await mesh.policy(
    rules(`
    - headers:
        request:
          set: { x-set: "new", x-fresh: "%REQ(:path)%" }
          add: { x-add: second }
          remove: [x-gone]
        response:
          set: { x-server-is: set }
          add: { x-more: "yes" }
          remove: [content-type]
      ${toV1}
`),
  );
  const answer = await call("/p", { headers: { "x-set": "old", "x-add": "first", "x-gone": "here" } });
  const seen = answer.seen?.headers ?? {};
  t.is(seen["x-set"], "new");
  t.is(seen["x-fresh"], "/p");
  t.is(seen["x-add"], "first, second");
  t.is(seen["x-gone"], undefined);
  t.is(answer.headers["x-server-is"], "set");
  t.is(answer.headers["x-more"], "yes");
  t.is(answer.headers["content-type"], undefined);
});

test.serial("headers: of one destination, and the host", async (t) => {
  await mesh.policy(
    rules(`
    - route:
        - destination: { host: reviews, subset: v1 }
          weight: 50
          headers:
            request: { set: { x-version: one, Host: first.example }, remove: [x-gone] }
            response: { add: { x-from: one } }
        - destination: { host: reviews, subset: v2 }
          weight: 50
          headers: { request: { set: { x-version: two } } }
`),
  );
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => call("/", { headers: { "x-gone": "here", "x-version": "mine" } })),
  );
  const first = answers.filter(({ server }) => server === "reviews-v1");
  const second = answers.filter(({ server }) => server === "reviews-v2");
  t.true(first.length > 0 && second.length > 0);
  for (const { seen, headers } of first) {
    t.is(seen?.headers["x-version"], "one");
    t.is(seen?.headers["x-gone"], undefined);
    t.is(seen?.authority, "first.example");
    t.is(headers["x-from"], "one");
  }
  for (const { seen, headers } of second) {
    t.is(seen?.headers["x-version"], "two");
    t.is(seen?.headers["x-gone"], "here");
    t.is(seen?.authority, "reviews:9080");
    t.is(headers["x-from"], undefined);
  }
});

test.serial(
  "corsPolicy: a preflight is answered, a request is labelled, other origins are not",
  async (t) => {
    await mesh.policy(
      rules(`
    - corsPolicy:
        allowOrigins: [{ exact: "https://site.example" }, { regex: "https://[a-z]+[.]good[.]example" }]
        allowMethods: [GET, POST]
        allowHeaders: [x-token]
        exposeHeaders: [x-server]
        maxAge: 24h
        allowCredentials: true
      ${toV1}
`),
    );
    const preflight = (origin: string) =>
      call("/", { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });
    const allowed = await preflight("https://site.example");
    t.is(allowed.status, 200);
    t.is(allowed.server, "");
    t.is(allowed.headers["access-control-allow-origin"], "https://site.example");
    t.is(allowed.headers["access-control-allow-methods"], "GET,POST");
    t.is(allowed.headers["access-control-allow-headers"], "x-token");
    t.is(allowed.headers["access-control-max-age"], "86400");
    t.is(allowed.headers["access-control-allow-credentials"], "true");
    t.is((await preflight("https://very.good.example")).server, "");

    const plain = await call("/", { headers: { origin: "https://site.example" } });
    t.is(plain.server, "reviews-v1");
    t.is(plain.headers["access-control-allow-origin"], "https://site.example");
    t.is(plain.headers["access-control-expose-headers"], "x-server");

    const foreign = await preflight("https://bad.example");
    t.is(foreign.server, "reviews-v1", "goes on to the server");
    t.is(foreign.headers["access-control-allow-origin"], undefined);
  },
);

test.serial("mirrors get copies, and nobody waits for them", async (t) => {
  await mesh.policy(
    rules(`
    - ${toV1}
      mirrors:
        - { destination: { host: reviews, subset: v2 } }
        - { destination: { host: ratings }, percentage: { value: 0 } }
`),
  );
  const copies = mesh.application("reviews-v2");
  const never = mesh.application("ratings-v1");
  copies.forget();
  never.forget();
  t.is((await call("/m", { method: "POST", body: "text" })).server, "reviews-v1");
  const seen = await eventually(
    async () => copies.seen.filter(({ path }) => path === "/m"),
    (found) => found.length > 0,
  );
  t.is(seen.length, 1);
  t.is(seen[0]?.authority, "reviews:9080");
  t.is(seen[0]?.body, "text");
  t.is(never.seen.length, 0);
});

test.serial("mirror, the older spelling, with a percentage", async (t) => {
  await mesh.policy(
    rules(`
    - ${toV1}
      mirror: { host: reviews, subset: v2 }
      mirrorPercentage: { value: 50 }
`),
  );
  const copies = mesh.application("reviews-v2");
  copies.forget();
  await Promise.all(Array.from({ length: 100 }, () => call("/half")));
  await eventually(
    async () => copies.seen.length,
    (count) => count > 30,
  );
  t.true(copies.seen.length > 20 && copies.seen.length < 80, `${copies.seen.length} copies of 100`);
});

test.serial("delegate: the rules of another object, within the match of the first", async (t) => {
  await mesh.policy(
    rules(`
    - match: [{ uri: { prefix: /team } }]
      delegate: { name: team, namespace: team }
    - ${toV1}
`),
    `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: team, namespace: team }
spec:
  http:
    - match: [{ uri: { prefix: /team/two } }]
      route: [{ destination: { host: reviews.shop.svc.cluster.local, subset: v2 } }]
    - match: [{ uri: { prefix: /elsewhere } }]
      directResponse: { status: 418 }
    - directResponse: { status: 204 }
`,
  );
  t.is((await call("/team/two/x")).server, "reviews-v2");
  t.is((await call("/team/three")).status, 204);
  t.is((await call("/elsewhere")).server, "reviews-v1");
  t.is((await call("/")).server, "reviews-v1");
});

test.serial("the first rule that matches wins, and without a matching rule the answer is 404", async (t) => {
  await mesh.policy(
    rules(`
    - match: [{ uri: { prefix: /a } }]
      route: [{ destination: { host: reviews, subset: v2 } }]
    - match: [{ uri: { prefix: /a/b } }]
      ${toV1}
`),
  );
  t.is((await call("/a/b")).server, "reviews-v2");
  t.is((await call("/c")).status, 404);
});
