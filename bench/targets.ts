// What the figures are held against: the targets that Fairlead has set itself, and what istiod needs for the same.

/** In the unit of the figure. `p50` and `p99` are of a distribution, `value` is a single figure; none may be exceeded. */
export interface Limits {
  readonly p50?: number;
  readonly p99?: number;
  readonly value?: number;
}

export interface Target {
  readonly what: string;
  /** Measured of it by others, where anybody has: as shipped, and with its debounce set to 0. In words, for people. */
  readonly istiod?: string;
  readonly istiodAtOnce?: string;
  readonly limits: Limits;
}

/** Where istiod's figures are from. */
export const istiodSource = "istiod, August 2026 master, same kind of machine";

const list = {
  "route to 1": {
    what: "VirtualService change → 1 client",
    istiod: "114 / 129 ms",
    istiodAtOnce: "12 / 25 ms",
    limits: { p50: 5, p99: 10 },
  },
  "route to 100": {
    what: "VirtualService change → 100 clients",
    istiod: "331 / 502 ms",
    istiodAtOnce: "222 / 359 ms",
    limits: { p50: 15, p99: 35 },
  },
  "endpoint to 100": {
    what: "endpoint change → 100 clients",
    istiod: "109 / 111 ms",
    istiodAtOnce: "7.0 / 9.6 ms",
    limits: { p50: 5, p99: 8 },
  },
  "route CPU for 100": {
    what: "control-plane CPU per VirtualService change, 100 clients",
    istiod: "568–612 ms",
    istiodAtOnce: "about the same",
    limits: { value: 40 },
  },
  "endpoint CPU for 100": {
    what: "control-plane CPU per endpoint change, 100 clients",
    istiod: "15–17 ms",
    limits: { value: 10 },
  },
  "route bytes": {
    what: "bytes to each of 100 clients for a VirtualService change",
    istiod: "443 kB",
    istiodAtOnce: "same",
    limits: { value: 5 },
  },
  "memory per client": {
    what: "memory per connected client (resident set)",
    istiod: "0.42–0.51 MB",
    limits: { value: 80 },
  },
  "crowd of 100": {
    what: "100 clients connecting at once, all configured",
    istiod: "3.6–4.2 s",
    limits: { value: 600 },
  },
  "refusals of 100": {
    what: "100 clients connecting at once, refused",
    istiod: "300",
    limits: { value: 0 },
  },
  "process start": {
    what: "process start → first client configured",
    istiod: "553 ms",
    istiodAtOnce: "462 ms",
    limits: { p50: 500 },
  },
  "route file to Envoy": { what: "VirtualService file saved → ACK of a real Envoy", limits: { p99: 30 } },
  "endpoint to 1000": { what: "endpoint change → 1,000 clients", limits: { p99: 80 } },
  "clusters resent": { what: "1,000 clients move: CDS resources sent again", limits: { value: 0 } },
  "listeners resent": { what: "1,000 clients move: LDS resources sent again", limits: { value: 0 } },
  "storm of 1000": { what: "1,000 clients move: all in sync", limits: { value: 2_000 } },
} as const satisfies Readonly<Record<string, Target>>;

export type TargetName = keyof typeof list;

/** In the order in which they are shown. */
export const targets: Readonly<Record<TargetName, Target>> = list;
