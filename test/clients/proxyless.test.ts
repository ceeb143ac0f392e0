// gRPC's own xDS client in place of an Envoy: it resolves names of the mesh through the control plane, and its calls follow
// the policy.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Server } from "@grpc/grpc-js";
import test from "ava";
import { buildGrpcBootstrap } from "#agent";
import { runInProcess } from "../../cli/testing/terminal.ts";
import { eventually } from "../end-to-end/wait-until.ts";
import { Caller } from "./caller.ts";
import { startVersion } from "./grpc-service.ts";
import { TestPlane } from "./plane.ts";

const versions = { v1: "127.0.41.1", v2: "127.0.41.2", v3: "127.0.41.3" } as const;
const servers: Server[] = [];
const reviews = "xds:///reviews.default.svc.cluster.local:9080";
let plane: TestPlane;
let client: Caller;

const pods = Object.entries(versions)
  .map(
    ([version, ip]) => `---
apiVersion: v1
kind: Pod
metadata: { name: reviews-${version}, namespace: default, labels: { app: reviews, version: ${version} } }
spec: { containers: [{ name: app, image: app, ports: [{ containerPort: 9080 }] }] }
status: { podIP: ${ip}, phase: Running, conditions: [{ type: Ready, status: "True" }] }
`,
  )
  .join("");

const services = `
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: default }
spec: { selector: { app: reviews }, ports: [{ name: grpc, port: 9080 }] }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: default }
spec:
  host: reviews
  subsets:
    - { name: v1, labels: { version: v1 } }
    - { name: v2, labels: { version: v2 } }
    - { name: v3, labels: { version: v3 }, trafficPolicy: { loadBalancer: { simple: LEAST_REQUEST } } }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: secured, namespace: default }
spec: { host: secured, trafficPolicy: { tls: { mode: SIMPLE } } }
---
apiVersion: v1
kind: Service
metadata: { name: secured, namespace: default }
spec: { selector: { app: reviews }, ports: [{ name: grpc, port: 9080 }] }
${pods}`;

const routes = (...rules: readonly string[]) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: default }
spec:
  hosts: [reviews]
  http:
${rules.map((rule) => `    - ${rule}`).join("\n")}
`;

const to = (subset: string, weight?: number) =>
  `{ destination: { host: reviews, subset: ${subset} }${weight === undefined ? "" : `, weight: ${weight}`} }`;

test.before(async () => {
  for (const [version, ip] of Object.entries(versions))
    servers.push(await startVersion(version, `${ip}:9080`));
  plane = await TestPlane.start({
    "services.yaml": services,
    "routes.yaml": routes(`{ route: [${to("v1")}] }`),
  });
  const bootstrap = buildGrpcBootstrap({
    name: "caller",
    namespace: "default",
    ip: "127.0.41.9",
    serviceAccount: "default",
    labels: { app: "caller" },
    domainSuffix: "cluster.local",
    xds: plane.xds,
  });
  const file = join(plane.folder, "grpc-bootstrap.json");
  await writeFile(file, JSON.stringify(bootstrap));
  client = new Caller(file);
});

test.after.always(async () => {
  client?.stop();
  for (const server of servers) server.forceShutdown();
  await plane?.remove();
});

/** Asks until the answer is the one that the newest policy gives. */
const settles = (attempt: () => Promise<string>, wanted: string) =>
  eventually(attempt, (answer) => answer === wanted);

const nacks = () => plane.events.flatMap((event) => (event.kind === "nacked" ? [event.message] : []));

test.serial("a name of the mesh resolves, and calls go where the routes say", async (t) => {
  t.is(await client.call(reviews), "v1");
  t.deepEqual(await client.tally(reviews, 20), { v1: 20 });
  const asked = new Set(plane.events.flatMap((event) => (event.kind === "acked" ? [event.typeUrl] : [])));
  t.is(asked.size, 4, "listener, routes, clusters and endpoints");
});

test.serial("it is to be seen like any proxy: what it has acknowledged, and what it is served", async (t) => {
  const at = ["--http", plane.http];
  const status = await runInProcess(["status", "caller", "--wait", "--timeout", "20s", ...at]);
  t.is(status.code, 0, status.err);
  t.regex(status.out, /^caller\.default +SYNCED.* +SYNCED.* +SYNCED.* +SYNCED/m);
  const served = await Promise.all(
    ["listeners", "routes", "clusters", "endpoints"].map((type) =>
      runInProcess(["proxy-config", type, "caller", ...at]),
    ),
  );
  const [listeners, routing, clusters, endpoints] = served.map(({ out }) => out);
  t.regex(
    listeners ?? "",
    /^reviews\.default\.svc\.cluster\.local +9080 +ALL +Route: outbound\|9080\|\|reviews/m,
  );
  t.regex(routing ?? "", /routes\.yaml:\d+/);
  t.regex(clusters ?? "", /v1/);
  t.regex(endpoints ?? "", /127\.0\.41\.1:9080/);
});

test.serial("weights and headers decide, live", async (t) => {
  await plane.edit(
    "routes.yaml",
    routes(
      `{ match: [{ headers: { end-user: { exact: jason } } }], route: [${to("v3")}] }`,
      `{ match: [{ withoutHeaders: { x-plain: { exact: "yes" } }, uri: { exact: /demo.Reviews/Write } }], route: [${to("v2")}] }`,
      `{ route: [${to("v1", 75)}, ${to("v2", 25)}] }`,
    ),
  );
  const metadata = { "end-user": "jason" };
  t.is(await settles(() => client.call(reviews, { metadata }), "v3"), "v3");
  const shares = await client.tally(reviews, 400);
  t.deepEqual(Object.keys(shares), ["v1", "v2"]);
  // Nine standard deviations to either side.
  t.true((shares.v2 ?? 0) > 22 && (shares.v2 ?? 0) < 178, JSON.stringify(shares));
  t.deepEqual(
    await client.tally(reviews, 20, { method: "write" }),
    { v2: 20 },
    "a header that is absent is not that value",
  );
  t.deepEqual(nacks(), []);
});

test.serial("what gRPC has no word for fails or is passed over, and nothing is refused", async (t) => {
  await plane.edit(
    "routes.yaml",
    routes(
      `{ match: [{ queryParams: { a: { exact: b } } }, { authority: { exact: other } }, { method: { exact: GET } }], route: [${to("v3")}] }`,
      `{ match: [{ uri: { regex: "/none|/demo.Reviews/Wri.*" }, method: { regex: "PO.T" } }], directResponse: { status: 200 } }`,
      `{ timeout: 0.3s, retries: { attempts: 2, perTryTimeout: 1s, retryOn: unavailable }, corsPolicy: { allowOrigins: [{ exact: x }] }, mirror: { host: reviews, subset: v3 }, headers: { request: { add: { a: b } } }, route: [${to("v2")}] }`,
    ),
  );
  t.is(await settles(() => client.call(reviews), "v2"), "v2");
  t.regex(
    await client.call(reviews, { method: "write" }),
    /^14: /,
    "no direct response, and no other route either",
  );
  t.regex(
    await client.call(reviews, { metadata: { "x-delay": "2000" } }),
    /^4: /,
    "the route's timeout is the deadline",
  );
  t.is(await client.call(reviews, { metadata: { "x-delay": "20" } }), "v2");
  const warnings = plane.log.filter((line) => line.includes("gRPC without a proxy"));
  for (const part of [
    "mirror",
    "corsPolicy",
    "directResponse fails",
    "match on authority",
    "secured.default.svc",
  ]) {
    t.is(warnings.filter((line) => line.includes(part)).length, 1, part);
  }
  t.deepEqual(nacks(), []);
});

test.serial("faults are injected by the client", async (t) => {
  await plane.edit(
    "routes.yaml",
    routes(`{ fault: { abort: { percentage: { value: 100 }, httpStatus: 503 } }, route: [${to("v2")}] }`),
  );
  t.regex(
    await eventually(
      () => client.call(reviews),
      (answer) => answer.startsWith("14: "),
    ),
    /^14: /,
  );
  await plane.edit("routes.yaml", routes(`{ route: [${to("v2")}] }`));
  t.is(await settles(() => client.call(reviews), "v2"), "v2");
});

test.serial("each name of a service resolves; TLS that gRPC cannot do is not left out", async (t) => {
  t.is(await client.call("xds:///reviews:9080"), "v2");
  t.regex(await client.call("xds:///secured:9080"), /^14: /);
  t.deepEqual(nacks(), []);
});

test.serial(
  "the control plane restarts: calls go on meanwhile, and follow what the files say after",
  async (t) => {
    await plane.stop();
    t.deepEqual(await client.tally(reviews, 20), { v2: 20 });
    await plane.write({ "routes.yaml": routes(`{ route: [${to("v3")}] }`) });
    t.is(await client.call(reviews), "v2");
    await plane.start();
    // Its reconnection waits for a second and more.
    const deadline = Date.now() + 60_000;
    let answer = await client.call(reviews);
    while (answer === "v2" && Date.now() < deadline) answer = await client.call(reviews);
    t.is(answer, "v3");
    t.deepEqual(nacks(), []);
  },
);

test.serial("an endpoint that goes is called no more", async (t) => {
  await plane.edit(
    "services.yaml",
    services.replace("{ app: reviews, version: v3 }", "{ app: reviews, version: v1 }"),
  );
  await plane.edit("routes.yaml", routes(`{ route: [{ destination: { host: reviews, subset: v1 } }] }`));
  const counts = await eventually(
    () => client.tally(reviews, 20),
    (found) => Object.keys(found).join() === "v1,v3",
  );
  t.deepEqual(Object.keys(counts), ["v1", "v3"]);
});
