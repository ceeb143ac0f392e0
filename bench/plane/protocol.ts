// What a benchmark asks the control-plane process, and what that tells.

export interface PlaneArguments {
  readonly folder: string;
  readonly state: string;
  readonly meshConfigFile?: string;
  readonly canary: boolean;
  /** Tell of each response and ACK: costs a little, so only where it is what is measured. */
  readonly tellsAcks: boolean;
}

export type PlaneRequest =
  | { readonly kind: "ports" }
  /** What the process has used and holds; `collect` runs the garbage collector before. */
  | { readonly kind: "usage"; readonly collect: boolean }
  /** Answered when that many streams have asked for that many types and nothing is left to be sent or acknowledged. */
  | { readonly kind: "in-sync"; readonly streams: number; readonly types: number };

export interface PlanePorts {
  readonly kind: "ports";
  readonly plain: number;
  readonly tls: number;
}

export interface PlaneUsage {
  readonly kind: "usage";
  /** Milliseconds of user and system time since the process started. */
  readonly cpuMs: number;
  /** Bytes. */
  readonly rss: number;
  readonly heapUsed: number;
  /** Buffers outside the heap. */
  readonly external: number;
  readonly refusals: number;
}

export interface PlaneInSync {
  readonly kind: "in-sync";
  /** When the last thing happened that it took. */
  readonly at: number;
}

export type PlaneReply = PlanePorts | PlaneUsage | PlaneInSync;

/** Times are of the clock that all processes share. */
export type PlaneMessage =
  /** A change was found by the watcher and handed over at `at`; streams had it `tookMs` later. */
  | { readonly kind: "changed"; readonly at: number; readonly tookMs: number }
  | { readonly kind: "sent"; readonly at: number; readonly typeUrl: string }
  | { readonly kind: "acked"; readonly at: number; readonly typeUrl: string }
  | { readonly kind: "in-sync"; readonly at: number };
