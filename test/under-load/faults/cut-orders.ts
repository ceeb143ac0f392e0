// What the test of a cut network and the mesh inside its namespace tell each other.

import type { PlanePlace } from "../mesh/plane.ts";

/** Argument of the mesh, as JSON. */
export interface CutOrder {
  readonly net: number;
  readonly plane: PlanePlace;
  /** Default as shipped: 30 s. */
  readonly keepaliveMs?: number;
  /** How long the network is away, at least; longer where somebody has not noticed by then. */
  readonly cutMs: number;
}

/** Asked by the mesh; the answer is the same word. */
export type NetworkOrder = "unplug" | "plug";

/** What the mesh has to report in the end; times are counted from the cut. */
export interface CutReport {
  readonly serverNoticedMs: number;
  readonly proxiesNoticedMs: number;
  /** Whether a proxy had the change that was made meanwhile before the network was back. */
  readonly leaked: boolean;
  /** From the network's return until every proxy had the change. */
  readonly caughtUpMs: number;
  readonly losses: readonly string[];
  readonly idle: readonly string[];
  readonly answered: number;
  readonly nacks: readonly string[];
}
