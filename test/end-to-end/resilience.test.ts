// Timeouts, retries and faults, counted and timed at both ends.

import { performance } from "node:perf_hooks";
import test from "ava";
import { serviceFile } from "./cast.ts";
import { type Answer, type CallOptions, type Mesh, startMesh } from "./mesh.ts";

let mesh: Mesh;
let calls = 0;

test.before(async () => {
  mesh = await startMesh({
    net: 22,
    members: [
      { name: "client", at: 1, envoy: "sidecar", serves: [] },
      { name: "reviews-v1", at: 3 },
    ],
    files: { "services.yaml": serviceFile("reviews") },
  });
});

test.after.always(() => mesh?.stop());

const rules = (text: string) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
${text}
`;

interface Timed extends Answer {
  readonly tookMs: number;
  /** How often the server was asked. */
  readonly attempts: number;
}

async function call(headers: CallOptions["headers"] = {}, path = "/"): Promise<Timed> {
  const id = String(++calls);
  const started = performance.now();
  const answer = await mesh.call("client", `http://reviews:9080${path}`, {
    headers: { ...headers, "x-call": id },
  });
  const tookMs = performance.now() - started;
  const attempts = mesh.application("reviews-v1").seen.filter((seen) => seen.headers["x-call"] === id).length;
  return { ...answer, tookMs, attempts };
}

const toReviews = "route: [{ destination: { host: reviews } }]";

test.serial("timeout: 504 when the server is too slow, and none unless asked for", async (t) => {
  await mesh.policy(
    rules(`
    - match: [{ uri: { prefix: /short } }]
      timeout: 0.3s
      ${toReviews}
    - ${toReviews}
`),
  );
  const late = await call({ "x-wait": "2000" }, "/short");
  t.is(late.status, 504);
  t.true(late.tookMs > 250 && late.tookMs < 1500, `${late.tookMs} ms`);
  t.is((await call({ "x-wait": "100" }, "/short")).status, 200);
  t.is((await call({ "x-wait": "600" })).status, 200);
});

test.serial("retries: by default of nothing that a server has answered or may have done", async (t) => {
  await mesh.policy(rules(`    - ${toReviews}`));
  const refused = await call({ "x-reply": "503,200" });
  t.is(refused.status, 503);
  t.is(refused.attempts, 1);
  t.is((await call({ "x-reply": "500,200" })).attempts, 1);
  t.is((await call({ "x-reply": "reset,200" })).attempts, 1);
});

test.serial("retries: by default twice when nobody can be reached", async (t) => {
  await mesh.policy(
    rules("    - route: [{ destination: { host: gone.example } }]"),
    `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: gone, namespace: shop }
spec:
  hosts: [gone.example]
  ports: [{ number: 9080, name: http, protocol: HTTP }]
  resolution: STATIC
  endpoints: [{ address: ${mesh.address("client")}, ports: { http: 9 } }]
`,
  );
  t.is((await call()).status, 503);
  const retries = "cluster.outbound|9080||gone.example.upstream_rq_retry";
  t.is((await mesh.envoy("client").stats(`^${RegExp.escape(retries)}$`)).get(retries), 2);
});

test.serial("retries: as often and on what the rule says", async (t) => {
  await mesh.policy(
    rules(`
    - retries: { attempts: 4, retryOn: "5xx,reset" }
      ${toReviews}
`),
  );
  const failing = await call({ "x-reply": "500" });
  t.is(failing.attempts, 5);
  t.is(failing.status, 500);
  const cut = await call({ "x-reply": "reset,reset,200" });
  t.is(cut.attempts, 3);
  t.is(cut.status, 200);
  t.is((await call({ "x-reply": "404" })).attempts, 1);
});

test.serial("retries: on a status code, and never", async (t) => {
  await mesh.policy(
    rules(`
    - match: [{ uri: { prefix: /teapot } }]
      retries: { attempts: 1, retryOn: "418" }
      ${toReviews}
    - retries: { attempts: 0 }
      ${toReviews}
`),
  );
  t.is((await call({ "x-reply": "418" }, "/teapot")).attempts, 2);
  t.is((await call({ "x-reply": "503" }, "/teapot")).attempts, 1);
  t.is((await call({ "x-reply": "503" })).attempts, 1);
});

test.serial("retries: each attempt has its own time", async (t) => {
  await mesh.policy(
    rules(`
    - timeout: 5s
      retries: { attempts: 2, perTryTimeout: 200ms, retryOn: gateway-error }
      ${toReviews}
`),
  );
  const late = await call({ "x-wait": "3000" });
  t.is(late.status, 504);
  t.is(late.attempts, 3);
  t.true(late.tookMs > 550 && late.tookMs < 2500, `${late.tookMs} ms`);
});

test.serial("fault: delay", async (t) => {
  await mesh.policy(
    rules(`
    - match: [{ uri: { prefix: /slow } }]
      fault: { delay: { fixedDelay: 400ms, percentage: { value: 100 } } }
      ${toReviews}
    - ${toReviews}
`),
  );
  const slow = await call({}, "/slow");
  t.is(slow.status, 200);
  t.true(slow.tookMs > 380, `${slow.tookMs} ms`);
  t.true((await call()).tookMs < 350);
});

test.serial("fault: abort, without asking the server", async (t) => {
  await mesh.policy(
    rules(`
    - fault: { abort: { httpStatus: 418, percentage: { value: 100 } } }
      ${toReviews}
`),
  );
  const aborted = await call();
  t.is(aborted.status, 418);
  t.is(aborted.attempts, 0);
});

test.serial("fault: delay and abort together, and 0.0 percent of either is none", async (t) => {
  await mesh.policy(
    rules(`
    - match: [{ uri: { prefix: /both } }]
      fault:
        delay: { fixedDelay: 300ms, percentage: { value: 100 } }
        abort: { httpStatus: 500, percentage: { value: 100 } }
      ${toReviews}
    - fault:
        delay: { fixedDelay: 3s, percentage: { value: 0.0 } }
        abort: { httpStatus: 500, percentage: { value: 0.0 } }
      ${toReviews}
`),
  );
  const both = await call({}, "/both");
  t.is(both.status, 500);
  t.true(both.tookMs > 280);
  const neither = await call();
  t.is(neither.status, 200);
  t.true(neither.tookMs < 1000);
});

test.serial("fault: a percentage of the requests", async (t) => {
  await mesh.policy(
    rules(`
    - fault: { abort: { httpStatus: 400, percentage: { value: 30 } } }
      ${toReviews}
`),
  );
  const statuses = await Promise.all(Array.from({ length: 200 }, async () => (await call()).status));
  const aborted = statuses.filter((status) => status === 400).length;
  t.true(aborted > 25 && aborted < 110, `${aborted} of 200`);
  t.is(statuses.filter((status) => status === 200).length, 200 - aborted);
});

test.serial("fault: abort by a gRPC status", async (t) => {
  await mesh.policy(
    rules(`
    - fault: { abort: { grpcStatus: UNAVAILABLE, percentage: { value: 100 } } }
      ${toReviews}
`),
  );
  const aborted = await call({ "content-type": "application/grpc" });
  t.is(aborted.headers["grpc-status"], "14");
  t.is(aborted.attempts, 0);
});
