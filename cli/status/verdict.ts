// Whether proxies have taken what there is for them. In: where they stand. Out: one word for all of them.

import type { ProxySync, SyncState } from "#runtime";

/**
 * - `done`: each has acknowledged everything.
 * - `refused`: something is refused, by one of them or on behalf of one, and nothing is under way any more.
 * - `waiting`: something is under way, or nobody is there.
 */
export type Verdict = "done" | "refused" | "waiting";

export function judge(proxies: readonly ProxySync[]): Verdict {
  const states = new Set(proxies.flatMap(({ types }) => types.map(({ status }) => status)));
  // Without a version there is nothing yet for it, such as a certificate that is being made.
  const begun = proxies.every(({ version, types }) => version !== undefined && types.length > 0);
  if (proxies.length === 0 || !begun || states.has("STALE")) return "waiting";
  return refusals.some((state) => states.has(state)) ? "refused" : "done";
}

/** States in which a proxy lacks something for good. */
export const refusals: readonly SyncState[] = ["NACKED", "QUARANTINED"];
