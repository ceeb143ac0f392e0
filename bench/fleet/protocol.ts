// What a benchmark asks the process that holds its clients. Times are of the clock that all processes share.

import type { nodeOf } from "../sidecars.ts";

export interface FleetMember {
  readonly node: ReturnType<typeof nodeOf>;
  /** For TLS. */
  readonly token?: string;
}

export type FleetRequest =
  /** All at once. Answered when all are configured. */
  | {
      readonly kind: "connect";
      readonly port: number;
      readonly members: readonly FleetMember[];
      /** PEM: over TLS; absent: plain text. */
      readonly roots?: string;
    }
  /** Each client is to look for these bytes from now on. */
  | { readonly kind: "look-for"; readonly mark: string }
  /** Answered when each client has what it looks for. */
  | { readonly kind: "arrivals" }
  /** Bytes per type URL over all clients, since last asked. */
  | { readonly kind: "traffic" };

export type FleetReply =
  | { readonly kind: "times"; readonly startedAt: number; readonly times: readonly number[] }
  | { readonly kind: "traffic"; readonly bytes: ReadonlyMap<string, number> }
  | { readonly kind: "done" };
