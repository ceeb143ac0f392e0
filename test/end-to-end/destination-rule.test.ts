// How clients treat a destination: load balancing, hashing, pools, ejection, at every level a rule has.

import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { serviceFile } from "./cast.ts";
import { type Answer, type CallOptions, type Mesh, startMesh } from "./mesh.ts";
import { eventually } from "./wait-until.ts";

let mesh: Mesh;

test.before(async () => {
  mesh = await startMesh({
    net: 25,
    members: [
      { name: "client", at: 1, envoy: "sidecar", serves: [] },
      { name: "reviews-v1", at: 3 },
      { name: "reviews-v2", at: 4 },
      { name: "reviews-v3", at: 5 },
    ],
    files: { "services.yaml": serviceFile("reviews") },
  });
});

test.after.always(() => mesh?.stop());

const rule = (spec: string) => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  ${spec.trim().split("\n").join("\n  ")}
`;

const routes = (http: string) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http: ${http}
`;

const call = (options: CallOptions = {}, url = "http://reviews:9080/") => mesh.call("client", url, options);

async function serversOf(count: number, options: CallOptions = {}, url?: string): Promise<readonly string[]> {
  const servers: string[] = [];
  for (let each = 0; each < count; each++) servers.push((await call(options, url)).server);
  return servers;
}

const distinct = (servers: readonly string[]) => [...new Set(servers)].sort();

test.serial("ROUND_ROBIN takes turns", async (t) => {
  await mesh.policy(rule("trafficPolicy: { loadBalancer: { simple: ROUND_ROBIN } }"));
  const servers = await serversOf(9);
  t.deepEqual(distinct(servers.slice(0, 3)).length, 3);
  t.deepEqual(servers.slice(3, 6), servers.slice(0, 3));
  t.deepEqual(servers.slice(6, 9), servers.slice(0, 3));
});

test.serial("RANDOM does not", async (t) => {
  await mesh.policy(rule("trafficPolicy: { loadBalancer: { simple: RANDOM } }"));
  const servers = await serversOf(40);
  t.is(distinct(servers).length, 3);
  const turns = servers.every((server, index) => index < 3 || server === servers[index - 3]);
  t.false(turns);
});

test.serial("LEAST_REQUEST, the default, spares who is busy", async (t) => {
  await mesh.policy("");
  const busy = mesh.application("reviews-v1");
  busy.forget();
  const calls: Promise<Answer>[] = [];
  for (let each = 0; each < 200; each++) {
    const answer = call({ headers: { "x-wait": "4000", "x-wait-at": busy.name } });
    calls.push(answer);
    await Promise.race([answer, sleep(50)]);
  }
  // Of two drawn from three, the busy one is taken if it is drawn twice: 22 of 200, and 66 if nobody looked. Above 45 it
  // is less often than once in 100,000 runs.
  t.true(busy.seen.length > 0 && busy.seen.length <= 45, `${busy.seen.length} of 200`);
  await Promise.all(calls);
});

test.serial("subsets: by labels, each with its own policy", async (t) => {
  await mesh.policy(
    rule(`
subsets:
  - { name: one, labels: { version: v1 } }
  - name: all
    labels: { app: reviews }
    trafficPolicy: { loadBalancer: { simple: ROUND_ROBIN } }
`),
    routes(`
    - match: [{ uri: { prefix: /one } }]
      route: [{ destination: { host: reviews, subset: one } }]
    - route: [{ destination: { host: reviews, subset: all } }]`),
  );
  t.deepEqual(distinct(await serversOf(5, {}, "http://reviews:9080/one")), ["reviews-v1"]);
  const servers = await serversOf(6);
  t.is(distinct(servers.slice(0, 3)).length, 3);
  t.deepEqual(servers.slice(3), servers.slice(0, 3));
});

test.serial("consistent hash: by a header", async (t) => {
  await mesh.policy(rule("trafficPolicy: { loadBalancer: { consistentHash: { httpHeaderName: x-user } } }"));
  const byUser = new Map<string, readonly string[]>();
  for (let user = 0; user < 12; user++) {
    byUser.set(String(user), distinct(await serversOf(4, { headers: { "x-user": String(user) } })));
  }
  for (const [user, servers] of byUser) t.is(servers.length, 1, `user ${user}`);
  t.true(distinct([...byUser.values()].flat()).length > 1);
});

test.serial("consistent hash: by a query parameter, with maglev", async (t) => {
  await mesh.policy(
    rule(
      "trafficPolicy: { loadBalancer: { consistentHash: { httpQueryParameterName: user, maglev: { tableSize: 1021 } } } }",
    ),
  );
  const all: string[] = [];
  for (let user = 0; user < 12; user++) {
    const servers = await serversOf(3, {}, `http://reviews:9080/?user=${user}`);
    t.is(distinct(servers).length, 1);
    all.push(...servers);
  }
  t.true(distinct(all).length > 1);
});

test.serial("consistent hash: by source address", async (t) => {
  await mesh.policy(rule("trafficPolicy: { loadBalancer: { consistentHash: { useSourceIp: true } } }"));
  t.is(distinct(await serversOf(10)).length, 1);
});

test.serial("consistent hash: by a cookie that is set when it is missing", async (t) => {
  await mesh.policy(
    rule(
      "trafficPolicy: { loadBalancer: { consistentHash: { httpCookie: { name: user, path: /p, ttl: 60s } } } }",
    ),
  );
  const first = await call();
  const [cookie = ""] = first.headers["set-cookie"] ?? [];
  t.regex(cookie, /^user="[0-9a-f]+"; Max-Age=60; Path=\/p; HttpOnly$/);
  const [pair = ""] = cookie.split(";");
  const servers = await serversOf(8, { headers: { cookie: pair } });
  t.deepEqual(distinct(servers), [first.server]);
  t.is((await call({ headers: { cookie: pair } })).headers["set-cookie"], undefined);
  t.true(distinct(await serversOf(20)).length > 1, "without the cookie anyone may answer");
});

test.serial("consistent hash: of a subset, through a route", async (t) => {
  await mesh.policy(
    rule(`
subsets:
  - name: all
    labels: { app: reviews }
    trafficPolicy: { loadBalancer: { consistentHash: { httpHeaderName: x-user } } }
`),
    routes("[{ route: [{ destination: { host: reviews, subset: all } }] }]"),
  );
  const all: string[] = [];
  for (let user = 0; user < 12; user++) {
    const servers = await serversOf(3, { headers: { "x-user": String(user) } });
    t.is(distinct(servers).length, 1);
    all.push(...servers);
  }
  t.true(distinct(all).length > 1);
});

/** Opened so far to the service's port 9080. */
async function connections(): Promise<number> {
  const stats = await mesh
    .envoy("client")
    .stats("^cluster\\.outbound\\|9080\\|\\|reviews.*upstream_cx_total$");
  return [...stats.values()].reduce((sum, value) => sum + value, 0);
}

/** Requests that are under way at the same time. */
async function together(count: number): Promise<readonly Answer[]> {
  return Promise.all(Array.from({ length: count }, () => call({ headers: { "x-wait": "400" } })));
}

test.serial("connectionPool: what is too much overflows with 503", async (t) => {
  await mesh.policy(
    rule(
      "trafficPolicy: { connectionPool: { tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1 } } }",
    ),
    routes("[{ retries: { attempts: 0 }, route: [{ destination: { host: reviews } }] }]"),
  );
  const answers = await together(10);
  const refused = answers.filter(({ status }) => status === 503);
  t.true(refused.length >= 5 && refused.length < 10, `${refused.length} of 10`);
  t.is(refused[0]?.headers["x-envoy-overloaded"], "true");
  t.is(answers.filter(({ status }) => status === 200).length, 10 - refused.length);
});

test.serial("connectionPool: maxConnections makes requests wait for one another", async (t) => {
  await mesh.policy(rule("trafficPolicy: { connectionPool: { tcp: { maxConnections: 1 } } }"));
  const before = await connections();
  t.true((await together(9)).every(({ status }) => status === 200));
  // Envoy opens a first connection to each of three endpoints whatever the limit.
  t.true((await connections()) - before <= 3);
});

test.serial("connectionPool: http2MaxRequests bounds what is under way", async (t) => {
  await mesh.policy(
    rule("trafficPolicy: { connectionPool: { http: { http2MaxRequests: 3 } } }"),
    routes("[{ retries: { attempts: 0 }, route: [{ destination: { host: reviews } }] }]"),
  );
  const statuses = (await together(10)).map(({ status }) => status);
  t.is(statuses.filter((status) => status === 200).length, 3);
});

test.serial("connectionPool: nothing is bounded unless asked for", async (t) => {
  await mesh.policy("");
  t.true((await together(60)).every(({ status }) => status === 200));
});

test.serial("connectionPool: maxRequestsPerConnection closes connections", async (t) => {
  await mesh.policy(rule("trafficPolicy: { connectionPool: { http: { maxRequestsPerConnection: 1 } } }"));
  const before = await connections();
  await serversOf(6);
  t.is((await connections()) - before, 6);
});

test.serial("portLevelSettings: one port apart from the rest", async (t) => {
  await mesh.policy(
    rule(`
trafficPolicy:
  loadBalancer: { simple: ROUND_ROBIN }
  portLevelSettings:
    - port: { number: 80 }
      loadBalancer: { consistentHash: { useSourceIp: true } }
`),
  );
  t.is(distinct(await serversOf(6, {}, "http://reviews:80/")).length, 1);
  const servers = await serversOf(6);
  t.is(distinct(servers.slice(0, 3)).length, 3);
  t.deepEqual(servers.slice(3), servers.slice(0, 3));
});

test.serial("outlierDetection: who fails is left out, and comes back", async (t) => {
  await mesh.policy(
    rule(`
trafficPolicy:
  loadBalancer: { simple: ROUND_ROBIN }
  outlierDetection:
    consecutive5xxErrors: 3
    interval: 200ms
    baseEjectionTime: 1s
    maxEjectionPercent: 100
`),
    routes("[{ retries: { attempts: 0 }, route: [{ destination: { host: reviews } }] }]"),
  );
  t.is(distinct(await serversOf(3)).length, 3);
  // They take turns: after v1 two others, then v1 again, which fails three times in a row.
  while ((await call()).server !== "reviews-v1");
  for (let failing = 0; failing < 3; failing++) {
    await serversOf(2);
    t.is((await call({ headers: { "x-reply": "500" } })).server, "reviews-v1");
  }
  const stats = async (name: string) =>
    [
      ...(
        await mesh.envoy("client").stats(`outbound\\|9080\\|\\|reviews.*outlier_detection.${name}$`)
      ).values(),
    ][0];
  t.is(await stats("ejections_enforced_total"), 1);
  t.is(distinct(await serversOf(10)).length, 2);
  const back = await eventually(
    async () => distinct(await serversOf(6)).length,
    (count) => count === 3,
  );
  t.is(back, 3);
});

test.serial("a rule for a wildcard host, and the more specific one that replaces it", async (t) => {
  const wide = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: wide, namespace: shop }
spec: { host: "*.shop.svc.cluster.local", trafficPolicy: { loadBalancer: { consistentHash: { useSourceIp: true } } } }
`;
  await mesh.policy(wide);
  t.is(distinct(await serversOf(8)).length, 1);
  await mesh.policy(wide, rule("trafficPolicy: { loadBalancer: { simple: ROUND_ROBIN } }"));
  t.is(distinct(await serversOf(3)).length, 3);
});

test.serial("exportTo: a rule that is not for this namespace", async (t) => {
  await mesh.policy(`
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: foreign, namespace: istio-system }
spec:
  host: reviews.shop.svc.cluster.local
  exportTo: ["."]
  trafficPolicy: { loadBalancer: { consistentHash: { useSourceIp: true } } }
`);
  t.is(distinct(await serversOf(20)).length, 3);
});

test.serial("workloadSelector: a rule for some clients only", async (t) => {
  const forApp = (app: string) =>
    rule(`
workloadSelector: { matchLabels: { app: ${app} } }
trafficPolicy: { loadBalancer: { consistentHash: { useSourceIp: true } } }
`);
  await mesh.policy(forApp("somebody-else"));
  t.is(distinct(await serversOf(20)).length, 3);
  await mesh.policy(forApp("client"));
  t.is(distinct(await serversOf(8)).length, 1);
});
