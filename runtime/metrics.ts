// Prometheus metrics under istiod's own names, so that dashboards made for it fill. Classic text format: the newer one
// would append `_total` and rename them.

import { Counter, collectDefaultMetrics, Gauge, Registry } from "@prometheus-io/client";
import type { LifetimeInUse } from "#compiler";
import { type StatusEvent, typeUrls } from "#xds-server";
import { type ChangeMetrics, createChangeMetrics } from "./change-metrics.ts";
import { createConvergence, createQueueTime, createStreamMetrics } from "./stream-metrics.ts";

export interface Metrics extends ChangeMetrics {
  readonly registry: Registry;
  /** Takes in what happened on a stream. */
  observe(event: StatusEvent): void;
  /** A proxy has been given a new configuration because of a change at that time, in ms since 1970. */
  given(connectionId: string, changedAt: number): void;
  /** Seconds from a change being understood until a proxy's turn. */
  queued(seconds: number): void;
  /** A certificate could not be issued. */
  certificateFailed(): void;
  connected(clients: number): void;
  services(count: number): void;
  /** Sources that cannot be read, so that what they said last is served. */
  staleSources(count: number): void;
  /** Where to ask, at each scrape, for the certificates among the files. */
  lifetimesFrom(lifetimes: () => readonly LifetimeInUse[]): void;
  /** When the authority's root and issuing chain end, in milliseconds since the epoch. */
  authorityEnds(expiry: { readonly root: number; readonly chain: number }): void;
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
  const stale = new Gauge({
    name: "fairlead_stale_sources",
    help: "Sources of policy that cannot be read; what they said last is served.",
    registers,
  });
  const services = new Gauge({ name: "pilot_services", help: "Services known.", registers });
  const certificateErrors = new Counter({
    name: "pilot_sds_certificate_errors_total",
    help: "Certificates that could not be issued.",
    registers,
  });
  const build = new Gauge({
    name: "istio_build",
    help: "The running version.",
    labelNames: ["component", "tag"],
    registers,
  });
  build.set({ component: "pilot", tag: version }, 1);
  clients.set({ version }, 0);
  const onStream = createStreamMetrics(registry, shortType);
  const convergence = createConvergence(registry, () => performance.timeOrigin + performance.now());
  return {
    ...createChangeMetrics(registry),
    registry,
    observe: (event) => {
      onStream(event);
      convergence.observe(event);
    },
    given: convergence.given,
    queued: createQueueTime(registry),
    certificateFailed: () => certificateErrors.inc(),
    connected: (count) => clients.set({ version }, count),
    services: (count) => services.set(count),
    staleSources: (count) => stale.set(count),
    lifetimesFrom: (lifetimesNow) => {
      new Gauge({
        name: "fairlead_credential_expiry_timestamp",
        help: "When a certificate that a gateway or destination names ends, in seconds since 1970.",
        labelNames: ["namespace", "name", "part"],
        registers,
        collect() {
          this.reset();
          for (const { credential, part, until } of lifetimesNow()) {
            const { namespace, name } = credential;
            this.set({ namespace, name, part }, Math.floor(until / 1000));
          }
        },
      });
    },
    authorityEnds: ({ root, chain }) => {
      const ends = [
        ["root_cert", "root", root],
        ["cert_chain", "issuing chain", chain],
      ] as const;
      for (const [name, what, at] of ends) {
        const help = `When the certificate authority's ${what} ends, in seconds since 1970.`;
        new Gauge({ name: `citadel_server_${name}_expiry_timestamp`, help, registers }).set(
          Math.floor(at / 1000),
        );
      }
    },
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
  };
}
