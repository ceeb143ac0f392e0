// What is to be removed, and since when nothing at the client uses it any more. In: a session and its plans. Out: the session
// that knows, and what may go now. However much moves meanwhile, what stays unused goes after the grace period: a mesh that is
// never at rest for so long would keep everything for ever otherwise. Sends nothing.

import { isMade } from "./gate.ts";
import { hasRemovals, isMoved, type TypePlan } from "./plan.ts";
import type { SessionState } from "./session.ts";

/** What waits for its grace period to pass. */
export interface Leaving {
  /** Listeners and routes were where they should be, without these, at that time: milliseconds on the session's clock. */
  readonly since: number;
  /** By type URL; of one stage of removals only. */
  readonly names: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Keeps of what was leaving what still is; once nothing is left of it, everything of the first stage with removals begins to leave,
 * when routes have come to rest. What begins to be unused later waits for the next turn, so that nobody's grace period is cut short.
 */
export function withLeaving(state: SessionState, plans: readonly TypePlan[]): SessionState {
  const kept = state.leaving && stillLeaving(state.leaving, plans);
  const leaving = kept ?? (isAtRest(state, plans) ? startLeaving(state.now, plans) : undefined);
  return leaving === state.leaving ? state : { ...state, leaving };
}

/** The plans with the removals that may be sent now; none while something moves. */
export function ripeRemovals(state: SessionState, plans: readonly TypePlan[]): readonly TypePlan[] {
  const { leaving, now, settings } = state;
  if (!leaving || now < leaving.since + settings.removalGraceMs || !isAtRest(state, plans)) return [];
  return plans.flatMap(({ type, diff }) => {
    const names = leaving.names.get(type.typeUrl);
    if (!names) return [];
    const removed = diff.removed.filter((name) => names.has(name));
    const emptied = diff.emptied.filter(({ name }) => names.has(name));
    return [{ type, diff: { ...diff, removed, emptied } }];
  });
}

function isAtRest(state: SessionState, plans: readonly TypePlan[]): boolean {
  return plans.some(({ diff }) => hasRemovals(diff)) && isMade(state, plans) && isMoved(state, plans);
}

function startLeaving(since: number, plans: readonly TypePlan[]): Leaving | undefined {
  for (const stage of ["after-use", "last"] as const) {
    const concerned = plans.filter(({ type, diff }) => type.rule.removal === stage && hasRemovals(diff));
    if (concerned.length === 0) continue;
    return { since, names: new Map(concerned.map((plan) => [plan.type.typeUrl, namesToRemove(plan)])) };
  }
  return undefined;
}

function stillLeaving(leaving: Leaving, plans: readonly TypePlan[]): Leaving | undefined {
  const names = new Map<string, ReadonlySet<string>>();
  let same = true;
  for (const [typeUrl, before] of leaving.names) {
    const plan = plans.find(({ type }) => type.typeUrl === typeUrl);
    const after = plan ? namesToRemove(plan).intersection(before) : new Set<string>();
    if (after.size > 0) names.set(typeUrl, after);
    same &&= after.size === before.size;
  }
  if (same) return leaving;
  return names.size > 0 ? { since: leaving.since, names } : undefined;
}

function namesToRemove({ diff }: TypePlan): Set<string> {
  return new Set([...diff.removed, ...diff.emptied.map(({ name }) => name)]);
}
