import { Registry } from "@prometheus-io/client";
import test from "ava";
import type { StatusEvent, XdsClient } from "#xds-server";
import { createConvergence, createStreamMetrics } from "./stream-metrics.ts";

const client = { connectionId: "c", nodeId: "sidecar~10.0.0.1~a.ns~x" } as XdsClient;
const typeUrl = "t";

test("what breaks is counted: streams that do not read, writes that fail, errors of our own", async (t) => {
  const registry = new Registry();
  const observe = createStreamMetrics(registry, () => "lds");
  observe({ kind: "write-timeout", client });
  observe({ kind: "send-failed", client, typeUrl });
  observe({ kind: "failed", nodeId: "n", message: "m" });
  const text = await registry.metrics();
  t.regex(text, /^pilot_xds_write_timeout 1$/m);
  t.regex(text, /^pilot_xds_pushes\{type="lds_senderr"\} 1$/m);
  t.regex(text, /^pilot_total_xds_internal_errors 1$/m);
});

function convergence() {
  const registry = new Registry();
  let now = 0;
  const { given, observe } = createConvergence(registry, () => now);
  const at = (time: number, event: object) => {
    now = time;
    observe({ client, ...event } as StatusEvent);
  };
  const told = async () => {
    const text = await registry.metrics();
    return [/_sum (\S+)/.exec(text)?.[1], /_count (\S+)/.exec(text)?.[1]].map(Number);
  };
  return { given, at, told };
}

test("a change has converged with the last answer that has resources, not with the removals after it", async (t) => {
  const { given, at, told } = convergence();
  given("c", 1000);
  at(1010, { kind: "acked", resources: [{}] });
  at(1040, { kind: "acked", resources: [{}] });
  at(2000, { kind: "acked", resources: [], removed: ["a"] });
  t.deepEqual(await told(), [0, 0]);
  at(2001, { kind: "in-sync" });
  t.deepEqual(await told(), [0.04, 1]);
  at(3000, { kind: "in-sync" });
  t.deepEqual(await told(), [0.04, 1], "nothing was changed");
});

test("a second change before the first is in force counts from the first; who has gone is not waited for", async (t) => {
  const { given, at, told } = convergence();
  given("c", 1000);
  given("c", 1500);
  at(1600, { kind: "acked", resources: [{}] });
  at(1600, { kind: "in-sync" });
  t.deepEqual(await told(), [0.6, 1]);
  given("c", 2000);
  at(2100, { kind: "disconnected" });
  at(2200, { kind: "in-sync" });
  t.deepEqual(await told(), [0.6, 1]);
});

test("responses, their sizes and times are counted by type, and the largest request is kept", async (t) => {
  const registry = new Registry();
  const observe = createStreamMetrics(registry, () => "lds");
  observe({ kind: "received", client, bytes: 70 });
  observe({ kind: "received", client, bytes: 30 });
  for (const bytes of [5, 20_000]) {
    observe({ kind: "sent", client, typeUrl, nonce: "1", resources: 1, removed: 0, bytes });
    observe({ kind: "written", client, typeUrl, pushMs: 50, sendMs: 5 });
  }
  for (let scrape = 0; scrape < 2; scrape++) {
    const text = await registry.metrics();
    t.regex(text, /^pilot_xds_recv_max 70$/m);
    t.regex(text, /^pilot_xds_pushes\{type="lds"\} 2$/m);
    t.regex(text, /^pilot_xds_config_size_bytes_bucket\{le="10000",type="lds"\} 1$/m);
    t.regex(text, /^pilot_xds_push_time_bucket\{le="0.1",type="lds"\} 2$/m);
    t.regex(text, /^pilot_xds_send_time_sum 0.01$/m);
  }
});
