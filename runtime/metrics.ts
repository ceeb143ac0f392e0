// Prometheus metrics under istiod's own names, so that dashboards made for it fill. Classic text format: the newer one
// would append `_total` and rename them.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "@prometheus-io/client";
import { typeUrls } from "#xds-server";

export interface Metrics {
  readonly registry: Registry;
  /** Names by type URL: `cds`, `eds`, `lds`, `rds`, `sds`. */
  pushed(typeUrl: string, bytes: number): void;
  rejected(typeUrl: string): void;
  connected(clients: number): void;
  services(count: number): void;
  /** Sources that cannot be read, so that what they said last is served. */
  staleSources(count: number): void;
  /** Seconds from the change of a file to the last write that it caused. */
  converged(seconds: number): void;
  /** Seconds to turn a change into a mesh. */
  compiled(seconds: number): void;
  trigger(type: "config" | "endpoint" | "proxy" | "secret"): void;
  validated(passed: boolean): void;
  /** Where to ask, at each scrape, for the types of what is in quarantine. */
  quarantineFrom(typeUrls: () => readonly string[]): void;
}

const shortNames: ReadonlyMap<string, string> = new Map([
  [typeUrls.cluster, "cds"],
  [typeUrls.endpoints, "eds"],
  [typeUrls.listener, "lds"],
  [typeUrls.routes, "rds"],
  [typeUrls.virtualHosts, "vhds"],
  [typeUrls.secret, "sds"],
]);

/** `lds` for the type URL of listeners, and so on; the URL itself for a type that is not served. */
export function shortType(typeUrl: string): string {
  return shortNames.get(typeUrl) ?? typeUrl;
}

export function createMetrics(version: string): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const clients = new Gauge({
    name: "pilot_xds",
    help: "Connected xDS clients.",
    labelNames: ["version"],
    registers,
  });
  const pushes = new Counter({
    name: "pilot_xds_pushes",
    help: "Responses sent, by type.",
    labelNames: ["type"],
    registers,
  });
  const rejects = new Counter({
    name: "pilot_total_xds_rejects",
    help: "Responses that a proxy refused, by type.",
    labelNames: ["type"],
    registers,
  });
  const sizes = new Histogram({
    name: "pilot_xds_config_size_bytes",
    help: "Size of the responses sent.",
    labelNames: ["type"],
    buckets: [1, 10_000, 1_000_000, 4_000_000, 10_000_000, 40_000_000],
    registers,
  });
  const convergence = new Histogram({
    name: "pilot_proxy_convergence_time",
    help: "Seconds from a change to the proxy having been sent it.",
    buckets: [0.01, 0.1, 0.5, 1, 3, 5, 10, 20, 30],
    registers,
  });
  const contexts = new Histogram({
    name: "pilot_pushcontext_init_seconds",
    help: "Seconds to turn a change into a mesh.",
    buckets: [0.01, 0.1, 0.5, 1, 3, 5],
    registers,
  });
  const triggers = new Counter({
    name: "pilot_push_triggers",
    help: "What made the control plane push.",
    labelNames: ["type"],
    registers,
  });
  const stale = new Gauge({
    name: "fairlead_stale_sources",
    help: "Sources of policy that cannot be read; what they said last is served.",
    registers,
  });
  const services = new Gauge({ name: "pilot_services", help: "Services known.", registers });
  const passed = new Counter({ name: "galley_validation_passed", help: "Objects accepted.", registers });
  const failed = new Counter({ name: "galley_validation_failed", help: "Objects refused.", registers });
  const build = new Gauge({
    name: "istio_build",
    help: "The running version.",
    labelNames: ["component", "tag"],
    registers,
  });
  build.set({ component: "pilot", tag: version }, 1);
  clients.set({ version }, 0);
  return {
    registry,
    pushed: (typeUrl, bytes) => {
      const type = shortType(typeUrl);
      pushes.inc({ type });
      sizes.observe({ type }, bytes);
    },
    rejected: (typeUrl) => rejects.inc({ type: shortType(typeUrl) }),
    connected: (count) => clients.set({ version }, count),
    services: (count) => services.set(count),
    staleSources: (count) => stale.set(count),
    converged: (seconds) => convergence.observe(seconds),
    compiled: (seconds) => contexts.observe(seconds),
    trigger: (type) => triggers.inc({ type }),
    quarantineFrom: (typeUrlsNow) => {
      new Gauge({
        name: "xds_quarantined_resources",
        help: "Resource versions that a proxy refused and that are sent to no other, by type.",
        labelNames: ["type"],
        registers,
        collect() {
          this.reset();
          for (const type of shortNames.values()) this.set({ type }, 0);
          for (const typeUrl of typeUrlsNow()) this.inc({ type: shortType(typeUrl) });
        },
      });
    },
    validated: (ok) => (ok ? passed : failed).inc(),
  };
}
