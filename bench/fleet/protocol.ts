// What a benchmark asks the process that holds its clients. Times are of the clock that all processes share.

import type { nodeOf } from "../sidecars.ts";

export interface FleetMember {
  readonly node: ReturnType<typeof nodeOf>;
  /** For TLS. */
  readonly token?: string;
}

/** What was received of one type. */
export interface Traffic {
  readonly bytes: number;
  readonly resources: number;
}

export type FleetRequest =
  /** Answered when all are configured. */
  | {
      readonly kind: "connect";
      readonly port: number;
      readonly members: readonly FleetMember[];
      /** PEM: over TLS; absent: plain text. */
      readonly roots?: string;
      /** How many may be on their way at a time; the next one starts when one is configured. */
      readonly abreast: number;
    }
  /** Each client is to look for these bytes from now on. */
  | { readonly kind: "look-for"; readonly mark: string }
  /** Answered when each client has what it looks for. */
  | { readonly kind: "arrivals" }
  /** By type URL over all clients, since last asked. */
  | { readonly kind: "traffic" }
  /** Answered when each client knows what to say to another server. */
  | { readonly kind: "prepare-move" }
  /** All at once. */
  | { readonly kind: "move"; readonly port: number };

export type FleetReply =
  | { readonly kind: "times"; readonly startedAt: number; readonly times: readonly number[] }
  | { readonly kind: "traffic"; readonly traffic: ReadonlyMap<string, Traffic> }
  /** The fewest types that any client has asked for. */
  | { readonly kind: "prepared"; readonly types: number }
  | { readonly kind: "moved"; readonly startedAt: number }
  | { readonly kind: "done" };
