// What happens on xDS streams as istiod's metrics. In: the events of streams. Out: counters and histograms in a registry. Every
// number is counted or measured here; nothing is shown that did not happen.

import { Counter, Gauge, type Registry } from "@prometheus-io/client";
import type { StatusEvent } from "#xds-server";
import { CountedHistogram } from "./counted-histogram.ts";
import { nameOfNode } from "./proxy-from-node.ts";

/** istiod's buckets for what takes a push: seconds. */
const pushBuckets = [0.01, 0.1, 1, 3, 5, 10, 20, 30];
/** istiod's buckets for what a proxy waits for: seconds. The first is ours, since istiod waits longer than that. */
const waitBuckets = [0.01, 0.1, 0.5, 1, 3, 5, 10, 20, 30];

/** `shortType` gives `lds` for the type URL of listeners. The result takes in one event. */
export function createStreamMetrics(
  registry: Registry,
  shortType: (typeUrl: string) => string,
): (event: StatusEvent) => void {
  const registers = [registry];
  const counter = (name: string, help: string) =>
    new Counter({ name, help, labelNames: ["type"], registers });
  const pushes = createPushes(registry);
  const rejects = counter("pilot_total_xds_rejects", "Responses that a proxy refused, by type.");
  const nacks = counter("xds_nack_total", "The same under the name that others use.");
  const quarantined = counter("xds_quarantine_total", "Resource versions put in quarantine, by type.");
  const spared = counter(
    "xds_spared_total",
    "Resources not sent because another proxy refused them, by type.",
  );
  const expired = counter(
    "pilot_xds_expired_nonce",
    "Requests that answer a response long superseded, by type.",
  );
  const sizes = new CountedHistogram(registry, {
    name: "pilot_xds_config_size_bytes",
    help: "Size of the responses sent.",
    label: "type",
    buckets: [1, 10_000, 1_000_000, 4_000_000, 10_000_000, 40_000_000],
  });
  const pushTime = new CountedHistogram(registry, {
    name: "pilot_xds_push_time",
    help: "Seconds from what a response is due to, until it has left for the network.",
    label: "type",
    buckets: pushBuckets,
  });
  const sendTime = new CountedHistogram(registry, {
    name: "pilot_xds_send_time",
    help: "Seconds to write a response.",
    buckets: pushBuckets,
  });
  const failures = new Counter({
    name: "pilot_total_xds_internal_errors",
    help: "Streams that ended, or never began, because of an error of the server's own.",
    registers,
  });
  const writeTimeouts = new Counter({
    name: "pilot_xds_write_timeout",
    help: "Streams given up because their client did not read.",
    registers,
  });
  const largest = new Gauge({
    name: "pilot_xds_recv_max",
    help: "The largest request received, in bytes.",
    registers,
  });
  const rejectsByNode = createRejectsByNode(registry);
  let max = 0;
  return (event) => {
    switch (event.kind) {
      case "received":
        if (event.bytes <= max) return;
        max = event.bytes;
        largest.set(max);
        return;
      case "sent": {
        const type = shortType(event.typeUrl);
        pushes(type);
        sizes.observe(event.bytes, type);
        return;
      }
      case "written":
        pushTime.observe(event.pushMs / 1000, shortType(event.typeUrl));
        sendTime.observe(event.sendMs / 1000);
        return;
      case "send-failed":
        pushes(`${shortType(event.typeUrl)}_senderr`);
        return;
      case "nacked": {
        const type = shortType(event.typeUrl);
        rejects.inc({ type });
        nacks.inc({ type });
        rejectsByNode(type, event.client.nodeId, event.code);
        return;
      }
      case "quarantined":
        for (const { typeUrl } of event.resources) quarantined.inc({ type: shortType(typeUrl) });
        return;
      case "spared":
        spared.inc({ type: shortType(event.typeUrl) }, event.resources.length);
        return;
      case "stale-nonce":
        expired.inc({ type: shortType(event.typeUrl) });
        return;
      case "write-timeout":
        writeTimeouts.inc();
        return;
      case "failed":
        failures.inc();
        return;
      default:
        return;
    }
  };
}

/** Counts one response of a type; the library's counter hears of it when it is scraped. */
function createPushes(registry: Registry): (type: string) => void {
  const counts = new Map<string, number>();
  new Counter({
    name: "pilot_xds_pushes",
    help: "Responses sent, by type; TYPE_senderr: not sent, for the stream broke.",
    labelNames: ["type"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [type, count] of counts) this.inc({ type }, count);
    },
  });
  return (type) => {
    counts.set(type, (counts.get(type) ?? 0) + 1);
  };
}

/**
 * `pilot_xds_cds_reject` and its like: refusals since the start by proxy (`name.namespace`) and gRPC code, as istiod has
 * them, which calls these gauges.
 */
function createRejectsByNode(registry: Registry): (type: string, nodeId: string, code: number) => void {
  const gauges = new Map(
    ["cds", "eds", "lds", "rds"].map((type) => [
      type,
      new Gauge({
        name: `pilot_xds_${type}_reject`,
        help: `Refusals of ${type.toUpperCase()} by proxy and gRPC code.`,
        labelNames: ["node", "err"],
        registers: [registry],
      }),
    ]),
  );
  return (type, nodeId, code) => {
    gauges.get(type)?.inc({ node: nameOfNode(nodeId), err: String(code) });
  };
}

/**
 * How long a change takes to be in force at each proxy, from `given` to the last answer with resources in it before the
 * proxy is in sync. Removals follow a grace period later, and are not waited for.
 */
export interface Convergence {
  /** A proxy has been given a new configuration because of a change at that time, in ms. */
  given(connectionId: string, changedAt: number): void;
  observe(event: StatusEvent): void;
}

export function createConvergence(registry: Registry, now: () => number): Convergence {
  const times = new CountedHistogram(registry, {
    name: "pilot_proxy_convergence_time",
    help: "Seconds from a change to a proxy having acknowledged all of it but removals.",
    buckets: waitBuckets,
  });
  const waiting = new Map<string, { readonly since: number; readonly last?: number }>();
  return {
    given: (connectionId, changedAt) => {
      // What was not in force yet when the next change came has been waited for all the longer.
      if (!waiting.has(connectionId)) waiting.set(connectionId, { since: changedAt });
    },
    observe: (event) => {
      if (!("client" in event)) return;
      const { connectionId } = event.client;
      const change = waiting.get(connectionId);
      if (!change) return;
      if (event.kind === "acked" && event.resources.length > 0) {
        waiting.set(connectionId, { ...change, last: now() });
      } else if (event.kind === "in-sync") {
        waiting.delete(connectionId);
        times.observe(Math.max(0, (change.last ?? now()) - change.since) / 1000);
      } else if (event.kind === "disconnected") waiting.delete(connectionId);
    },
  };
}

export function createQueueTime(registry: Registry): (seconds: number) => void {
  const queue = new CountedHistogram(registry, {
    name: "pilot_proxy_queue_time",
    help: "Seconds from a change being understood until a proxy's turn to be given what it means.",
    buckets: waitBuckets,
  });
  return (seconds) => queue.observe(seconds);
}
