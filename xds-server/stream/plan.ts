// What is left to do for each type of a session, judged against the newest snapshot, and which stage of make-before-break
// the session has reached. Decides nothing about sending; `advance.ts` does.

import { type ClientDiff, diffForClient } from "../cache/client-diff.ts";
import type { ServedResource } from "../cache/resource.ts";
import { deliveryOrder, typeUrls, usingTypes } from "../cache/resource-types.ts";
import { collectionOf, endpointsNeeded } from "../cache/snapshot.ts";
import { holds, lookUp } from "./layered-map.ts";
import type { SessionState } from "./session.ts";
import { covers } from "./subscription.ts";
import { isAwaitingAnswer, type TypeState } from "./type-state.ts";

/** One type and what is left to do for it. */
export interface TypePlan {
  readonly type: TypeState;
  readonly diff: ClientDiff;
}

/** The plans of all types asked for, in the order in which their responses go out. */
export function planSession(state: SessionState): readonly TypePlan[] {
  const ordered = deliveryOrder.flatMap((typeUrl) => state.types.get(typeUrl) ?? []);
  const others = [...state.types.values()].filter(({ typeUrl }) => !deliveryOrder.includes(typeUrl));
  return [...ordered, ...others].map((type) => ({ type, diff: diffType(state, type) }));
}

/** What the client should have under this name, if it may have it: nothing confidential on an insecure stream. */
export function permittedTarget(
  state: SessionState,
  typeUrl: string,
  name: string,
): ServedResource | undefined {
  const target = collectionOf(state.snapshot, typeUrl).resources.get(name);
  return target?.confidential && !state.secure ? undefined : target;
}

function diffType(state: SessionState, type: TypeState): ClientDiff {
  const { subscription } = type;
  return diffForClient({
    rule: type.rule,
    candidates: type.dirty,
    owed: (name) => type.owed.has(name),
    subscribed: (name) => covers(subscription, name),
    named: (name) => holds(subscription.names, name),
    held: (name) => lookUp(type.held, name),
    target: (name) => permittedTarget(state, type.typeUrl, name),
    refused: (name) => type.refused.get(name),
    needed: (name) => endpointsNeeded(collectionOf(state.snapshot, typeUrls.cluster)).has(name),
    heldBack: (resource) => isAnyMissing(state, resource.references.clusters),
  });
}

/** A cluster that the client should have and does not: it was refused, or is still to come. Others are not our concern. */
function isAnyMissing(state: SessionState, names: readonly string[]): boolean {
  const clusters = state.types.get(typeUrls.cluster);
  // A cluster that is neither on its way nor in doubt is where it should be: this is nearly always the case.
  if (!clusters || (clusters.dirty.size === 0 && clusters.doubtful.size === 0)) return false;
  const { resources } = collectionOf(state.snapshot, typeUrls.cluster);
  return names.some(
    (name) =>
      covers(clusters.subscription, name) &&
      resources.has(name) &&
      (!holds(clusters.held, name) || clusters.doubtful.has(name)),
  );
}

function plansOf(plans: readonly TypePlan[], wanted: readonly string[]): readonly TypePlan[] {
  return plans.filter(({ type }) => wanted.includes(type.typeUrl));
}

/**
 * Clusters are sent, answered and warm, so that whatever uses them may go. Other endpoints only have to be on their way:
 * what is written first is applied first, and endpoints that never come to rest must not keep routes waiting.
 */
export function isMade(state: SessionState, plans: readonly TypePlan[]): boolean {
  return (
    state.warming.size === 0 &&
    plansOf(plans, [typeUrls.cluster]).every(({ type }) => !isAwaitingAnswer(type)) &&
    plansOf(plans, [typeUrls.cluster, typeUrls.endpoints]).every(
      ({ type, diff }) => !type.replyOwed && !hasChanges(diff),
    )
  );
}

/** Listeners and routes are where they should be, so that what they left may be removed. */
export function isMoved(state: SessionState, plans: readonly TypePlan[]): boolean {
  if (unseenUse(state) !== undefined) return false;
  return plansOf(plans, usingTypes).every(
    ({ type, diff }) =>
      type.inFlight.length === 0 &&
      !type.replyOwed &&
      !hasChanges(diff) &&
      diff.heldBack.length === 0 &&
      (type.rule.removal !== "with-changes" || diff.removed.length === 0) &&
      !servesLastGood(type),
  );
}

/**
 * A client that comes back says at first what clusters it has, and only later what listeners and routes use them. Until
 * when to wait for that; undefined when it is known.
 */
export function unseenUse({ returning, types, now, openedAt, settings }: SessionState): number | undefined {
  const until = openedAt + settings.resubscribeTimeoutMs;
  const unseen = returning && now < until && usingTypes.some((typeUrl) => !types.has(typeUrl));
  return unseen ? until : undefined;
}

/** A client that refused the newest version of something goes on using what the last good one refers to. */
function servesLastGood(type: TypeState): boolean {
  return [...type.refused.keys()].some((name) => !type.doubtful.has(name));
}

export function hasChanges({ changed, absent }: ClientDiff): boolean {
  return changed.length > 0 || absent.length > 0;
}

export function hasRemovals({ removed, emptied }: ClientDiff): boolean {
  return removed.length > 0 || emptied.length > 0;
}

/** Nothing is left to do or to wait for, in any type. */
export function isInSync(state: SessionState, plans: readonly TypePlan[]): boolean {
  return (
    state.writingSince === undefined &&
    state.warming.size === 0 &&
    plans.every(
      ({ type, diff }) =>
        type.inFlight.length === 0 &&
        !type.replyOwed &&
        !hasChanges(diff) &&
        !hasRemovals(diff) &&
        diff.heldBack.length === 0,
    )
  );
}
