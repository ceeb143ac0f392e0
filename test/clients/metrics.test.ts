// The metrics page of a running control plane, after pushes, a refusal, a stale answer and a file that turned bad: istiod's names,
// types, labels and buckets, with what was counted.

import test from "ava";
import { typeUrls } from "#xds-server";
import { connectTestClient, type TestClient, testNode } from "../../xds-server/testing/client.ts";
import { waitUntil } from "../end-to-end/wait-until.ts";
import { filled, notFilled } from "./dashboard.ts";
import { TestPlane } from "./plane.ts";
import { bucketsOf, readScrape, type Scrape, sampleOf } from "./scrape.ts";

const service = `
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: default }
spec: { ports: [{ name: http, port: 9080 }] }
`;
const slice = `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: reviews-1, namespace: default, labels: { kubernetes.io/service-name: reviews } }
addressType: IPv4
ports: [{ name: http, port: 9080 }]
endpoints: [{ addresses: [127.0.42.1] }]
`;
const routes = (timeout: string) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: default }
spec: { hosts: [reviews], http: [{ timeout: ${timeout}, route: [{ destination: { host: reviews } }] }] }
`;
const cluster = "outbound|9080||reviews.default.svc.cluster.local";

let plane: TestPlane;
let scrape: Scrape;
const clients: TestClient[] = [];

/** A proxy that acknowledges everything, but what holds that cluster if it `refuses` it. */
async function connect(name: string, refuses = false): Promise<TestClient> {
  const client = connectTestClient({ port: plane.xds.port });
  clients.push(client);
  const answer = async (): Promise<void> => {
    for (;;) {
      const response = await client.next();
      const { typeUrl, nonce } = response;
      const refused =
        refuses && response.resources.some((each) => each.name === cluster && typeUrl === typeUrls.cluster);
      if (!refused) client.ack(response);
      else
        client.send({ typeUrl, responseNonce: nonce, errorDetail: { code: 13, message: `${cluster}: no` } });
    }
  };
  answer().catch(() => undefined);
  const node = { ...testNode, id: `sidecar~127.0.0.1~${name}.default~default.svc.cluster.local` };
  client.send({ node, typeUrl: typeUrls.cluster });
  client.send({ typeUrl: typeUrls.endpoints, resourceNamesSubscribe: [cluster] });
  client.send({ typeUrl: typeUrls.listener });
  client.send({ typeUrl: typeUrls.routes, resourceNamesSubscribe: ["9080"] });
  await waitUntil(`${name} to have all it takes`, () =>
    plane.events.some(
      (event) => event.kind === (refuses ? "quarantined" : "in-sync") && event.client.nodeId === node.id,
    ),
  );
  return client;
}

const happened = (kind: string) => plane.events.filter((event) => event.kind === kind).length;

test.before(async () => {
  plane = await TestPlane.start({ "services.yaml": `${service}---${slice}`, "routes.yaml": routes("1s") });
  const yea = await connect("yea");
  const before = happened("in-sync");
  await plane.edit("routes.yaml", routes("2s"));
  await waitUntil("the change to be in force", () => happened("in-sync") > before);
  yea.send({ typeUrl: typeUrls.cluster, responseNonce: "999" });
  await waitUntil("the stale answer", () => happened("stale-nonce") === 1);
  await connect("nay", true);
  await plane.edit("routes.yaml", routes("[soon]"));
  await plane.edit("services.yaml", service);
  await waitUntil("nothing to be under way while the page is read", async () => {
    const before = plane.events.length;
    if (happened("sent") !== happened("written")) return false;
    scrape = readScrape(await plane.page("/metrics"));
    return plane.events.length === before;
  });
});

test.after.always(async () => {
  for (const client of clients) client.close();
  await plane?.remove();
});

test("names, types and values", (t) => {
  const expected: readonly (readonly [string, string, Readonly<Record<string, string>>, number])[] = [
    ["pilot_xds", "gauge", { version: "test" }, 2],
    ["pilot_services", "gauge", {}, 1],
    ["istio_build", "gauge", { component: "pilot", tag: "test" }, 1],
    ["pilot_total_xds_rejects", "counter", { type: "cds" }, 1],
    ["xds_nack_total", "counter", { type: "cds" }, 1],
    ["xds_quarantine_total", "counter", { type: "cds" }, 1],
    ["xds_quarantined_resources", "gauge", { type: "cds" }, 1],
    ["pilot_xds_cds_reject", "gauge", { node: "nay.default", err: "13" }, 1],
    ["pilot_xds_expired_nonce", "counter", { type: "cds" }, 1],
    ["pilot_total_xds_internal_errors", "counter", {}, 0],
    ["pilot_xds_write_timeout", "counter", {}, 0],
    ["pilot_sds_certificate_errors_total", "counter", {}, 0],
    ["pilot_inbound_updates", "counter", { type: "svc" }, 1],
    ["pilot_inbound_updates", "counter", { type: "eds" }, 2],
    ["pilot_inbound_updates", "counter", { type: "config" }, 2],
    ["pilot_k8s_reg_events", "counter", { type: "Services", event: "add" }, 1],
    ["pilot_k8s_reg_events", "counter", { type: "EndpointSlice", event: "add" }, 1],
    ["pilot_k8s_reg_events", "counter", { type: "EndpointSlice", event: "delete" }, 1],
    ["pilot_k8s_cfg_events", "counter", { type: "VirtualService", event: "add" }, 1],
    ["pilot_k8s_cfg_events", "counter", { type: "VirtualService", event: "update" }, 1],
    ["pilot_push_triggers", "counter", { type: "config" }, 1],
    ["pilot_push_triggers", "counter", { type: "endpoint" }, 1],
    ["pilot_push_triggers", "counter", { type: "proxy" }, 2],
    ["galley_validation_passed", "counter", { group: "", version: "v1", resource: "services" }, 1],
    [
      "galley_validation_failed",
      "counter",
      {
        group: "networking.istio.io",
        version: "v1",
        resource: "virtualservices",
        reason: "invalid_resource",
      },
      1,
    ],
  ];
  for (const [name, type, labels, value] of expected) {
    t.is(scrape.types.get(name), type, name);
    t.is(sampleOf(scrape, name, labels), value, `${name} ${JSON.stringify(labels)}`);
  }
});

test("what was pushed is what was sent, by type, size and time", (t) => {
  for (const type of ["cds", "eds", "lds", "rds"]) {
    const url = { cds: "cluster", eds: "endpoints", lds: "listener", rds: "routes" }[
      type
    ] as keyof typeof typeUrls;
    const sent = plane.events.filter((event) => event.kind === "sent" && event.typeUrl === typeUrls[url]);
    const bytes = sent.reduce((sum, event) => sum + (event.kind === "sent" ? event.bytes : 0), 0);
    t.true(sent.length > 0, type);
    t.is(sampleOf(scrape, "pilot_xds_pushes", { type }), sent.length, type);
    t.is(sampleOf(scrape, "pilot_xds_config_size_bytes_count", { type }), sent.length, type);
    t.is(sampleOf(scrape, "pilot_xds_config_size_bytes_sum", { type }), bytes, type);
    t.is(sampleOf(scrape, "pilot_xds_push_time_count", { type }), sent.length, type);
    t.true((sampleOf(scrape, "pilot_xds_push_time_sum", { type }) ?? 0) > 0, type);
  }
  const largest = plane.events.reduce(
    (max, event) => (event.kind === "received" ? Math.max(max, event.bytes) : max),
    0,
  );
  t.true(largest > 50);
  t.is(sampleOf(scrape, "pilot_xds_recv_max"), largest);
});

test("times are measured, in istiod's buckets", (t) => {
  const push = [0.01, 0.1, 1, 3, 5, 10, 20, 30];
  const wait = [0.01, 0.1, 0.5, 1, 3, 5, 10, 20, 30];
  t.deepEqual(bucketsOf(scrape, "pilot_xds_push_time"), push);
  t.deepEqual(bucketsOf(scrape, "pilot_xds_send_time"), push);
  t.deepEqual(bucketsOf(scrape, "pilot_debounce_time"), push);
  t.deepEqual(bucketsOf(scrape, "pilot_proxy_convergence_time"), wait);
  t.deepEqual(bucketsOf(scrape, "pilot_proxy_queue_time"), wait);
  t.deepEqual(bucketsOf(scrape, "pilot_pushcontext_init_seconds"), [0.01, 0.1, 0.5, 1, 3, 5]);
  t.deepEqual(
    bucketsOf(scrape, "pilot_xds_config_size_bytes"),
    [1, 10_000, 1_000_000, 4_000_000, 10_000_000, 40_000_000],
  );
  // Three edits; the first found one proxy connected and the others two.
  t.is(sampleOf(scrape, "pilot_debounce_time_count"), 3);
  t.true((sampleOf(scrape, "pilot_debounce_time_sum") ?? 0) >= 0.015, "each waits for 5 ms of quiet");
  t.is(sampleOf(scrape, "pilot_proxy_queue_time_count"), 5);
  t.is(sampleOf(scrape, "pilot_pushcontext_init_seconds_count"), 3);
  t.true((sampleOf(scrape, "pilot_proxy_convergence_time_count") ?? 0) >= 1);
  const converged = sampleOf(scrape, "pilot_proxy_convergence_time_sum") ?? 0;
  const took = plane.changes[0]?.tookMs ?? 0;
  t.true(converged * 1000 > took, `${converged} s, of which ${took} ms to compile`);
});

test("Istio's control-plane dashboard fills, but for what is not Fairlead's to say", (t) => {
  for (const { title, metrics } of filled) {
    for (const { name, by } of metrics) {
      const samples = scrape.samples.filter((each) => each.name === name);
      t.true(samples.length > 0, `${title}: ${name}`);
      for (const { labels } of samples)
        for (const label of by) t.true(label in labels, `${name} by ${label}`);
    }
  }
  for (const { title, metrics } of notFilled) {
    for (const { name } of metrics) t.false(scrape.types.has(name), `${title}: ${name}`);
  }
  t.true(scrape.types.has("nodejs_heap_size_used_bytes"));
  t.true(scrape.types.has("process_resident_memory_bytes"));
});

test("the log says what istiod's says of a push", (t) => {
  const lines = plane.log.map(
    (line) => JSON.parse(line) as { readonly scope?: string; readonly msg: string },
  );
  const pushes = lines.filter(({ scope, msg }) => scope === "ads" && msg.includes("PUSH"));
  t.true(pushes.length > 0);
  for (const { msg } of pushes) {
    t.regex(msg, /^(CDS|EDS|LDS|RDS): PUSH for node:(yea|nay)\.default resources:\d+ size:[\d.]+k?B$/);
  }
  t.deepEqual([...new Set(lines.map(({ scope }) => scope))].sort(), ["ads", "ca", "model", "server"]);
});
