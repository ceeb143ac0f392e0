// Everything that the live view shows, as plain data.

import type { Landing } from "../changes/index.ts";
import type { RouteTally } from "../traffic/index.ts";

export interface ViewState {
  readonly pageUrl: string;
  /** Pages of the control plane. */
  readonly statusUrl: string;
  readonly proxies: { readonly all: number; readonly inSync: number };
  readonly perSecond: number;
  readonly windowSeconds: number;
  readonly routes: readonly RouteTally[];
  /** Policy files, and what their first comment says of them. */
  readonly files: readonly { readonly path: string; readonly about: string }[];
  /** Newest last. */
  readonly landings: readonly Landing[];
  readonly problems: readonly Problem[];
}

export interface Problem {
  readonly severity: "error" | "warning";
  /** `file:line:column`; absent for trouble that is not in a file. */
  readonly place?: string;
  readonly message: string;
  /** What that means for the traffic, where it is not plain from the message. */
  readonly consequence?: string;
}
