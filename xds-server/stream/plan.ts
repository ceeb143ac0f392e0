// What is left to do for each type of a session, judged against the newest snapshot, and which stage of make-before-break
// the session has reached. Decides nothing about sending; `advance.ts` does.

import { holds, lookUp } from "#immutable";
import { type ClientDiff, diffForClient } from "../cache/client-diff.ts";
import type { ServedResource } from "../cache/resource.ts";
import { deliveryOrder, tableOf, typeUrls, usingTypes } from "../cache/resource-types.ts";
import { collectionOf, endpointsNeeded, membersOf } from "../cache/snapshot.ts";
import { standInFor } from "../cache/stand-in.ts";
import { type Book, bookOf, type Verdicts } from "./ledger.ts";
import type { SessionState } from "./session.ts";
import { isEveryName, tablesIn } from "./sharing.ts";
import { covers } from "./subscription.ts";
import type { TypeState } from "./type-state.ts";
import { isWarming } from "./warming.ts";

/** One type and what is left to do for it. */
export interface TypePlan {
  readonly type: TypeState;
  readonly diff: ClientDiff;
}

/** The plans of all types asked for, in the order in which their responses go out. */
export function planSession(state: SessionState, verdicts: Verdicts): readonly TypePlan[] {
  const plans: TypePlan[] = [];
  for (const typeUrl of deliveryOrder) {
    const type = state.types.get(typeUrl);
    if (type) plans.push(planType(state, type, verdicts));
  }
  if (plans.length === state.types.size) return plans;
  for (const type of state.types.values()) {
    if (!deliveryOrder.includes(type.typeUrl)) plans.push(planType(state, type, verdicts));
  }
  return plans;
}

function planType(state: SessionState, type: TypeState, verdicts: Verdicts): TypePlan {
  // Most types of most sessions, at any moment.
  if (type.dirty.size === 0) return { type, diff: nothing };
  if (isDueEverything(state, type)) {
    return { type, diff: { ...nothing, changed: membersOf(collectionOf(state.snapshot, type.typeUrl)) } };
  }
  const diff = diffType(state, type, bookOf(verdicts, type.typeUrl));
  return { type, diff: type.subscription.within ? byWholeTables(diff) : diff };
}

/** What is to change in a table changes at once: a domain may move between hosts, and may not be in both or in none. */
function byWholeTables(diff: ClientDiff): ClientDiff {
  if (diff.heldBack.length + diff.awaited.length === 0) return diff;
  const held = new Set(diff.heldBack.map(({ name }) => tableOf(name)));
  const awaiting = new Set(diff.awaited.map(({ name }) => tableOf(name)));
  const isHeld = ({ name }: ServedResource) => held.has(tableOf(name));
  const isAwaiting = (each: ServedResource) => !isHeld(each) && awaiting.has(tableOf(each.name));
  const open = [...diff.changed, ...diff.awaited];
  return {
    ...diff,
    changed: diff.changed.filter((each) => !isHeld(each) && !isAwaiting(each)),
    heldBack: [...diff.heldBack, ...open.filter(isHeld)],
    awaited: open.filter(isAwaiting),
    removed: diff.removed.filter((name) => !held.has(tableOf(name)) && !awaiting.has(tableOf(name))),
  };
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

/** The client has given up the table of a virtual host, or not been sent it yet. */
function isOutside({ within, names }: TypeState["subscription"], name: string): boolean {
  return within !== undefined && !within.has(tableOf(name)) && !holds(names, name);
}

const nothing: ClientDiff = {
  changed: [],
  absent: [],
  removed: [],
  emptied: [],
  heldBack: [],
  replaced: [],
  awaited: [],
  settled: [],
};

/** The client is due everything at once, because it has nothing or asked for all: what differs needs no search. */
function isDueEverything(state: SessionState, type: TypeState): boolean {
  const { typeUrl, held, dirty, owed, refused, subscription } = type;
  if (refused.size > 0 || typeUrl === typeUrls.secret) return false;
  const collection = collectionOf(state.snapshot, typeUrl);
  if (!isEveryName(dirty, collection) || !(held.size === 0 || owed === dirty)) return false;
  const { within } = subscription;
  const routes = typeUrl === typeUrls.routes || typeUrl === typeUrls.virtualHosts;
  return (!routes || isComplete(state)) && (!within || tablesIn(collection).isSubsetOf(within));
}

function diffType(state: SessionState, type: TypeState, book: Book): ClientDiff {
  const { subscription } = type;
  return diffForClient({
    rule: type.rule,
    candidates: type.dirty,
    owed: (name) => type.owed.has(name),
    subscribed: (name) => covers(subscription, name),
    named: (name) => holds(subscription.names, name),
    held: (name) => lookUp(type.held, name),
    target: (name) =>
      isOutside(subscription, name) ? undefined : permittedTarget(state, type.typeUrl, name),
    refused: (name) => type.refused.get(name),
    lastGood: (name) => type.lastGood.get(name),
    needed: (name) => endpointsNeeded(collectionOf(state.snapshot, typeUrls.cluster)).has(name),
    usable: (resource) => usableOf(state, resource, type.lastGood.get(resource.name)),
    // Who has nothing of the type has nothing to lose.
    awaited: ({ version }) => type.held.size > 0 && (trialEnd(state, book, version) ?? 0) > state.now,
  });
}

/** Until when to wait for another client's answer about a version; undefined if nobody else is trying it. */
function trialEnd(
  { seasoned, connectionId, settings }: SessionState,
  book: Book,
  version: string,
): number | undefined {
  if (!seasoned || settings.canaryWaitMs === 0) return undefined;
  const trial = lookUp(book.trials, version);
  if (!trial || trial.by === connectionId) return undefined;
  return trial.since + (trial.suspected ? settings.ackTimeoutMs : settings.canaryWaitMs);
}

/** When the first wait for another client's answer is over; undefined if there is none. */
export function firstTrialEnd(
  state: SessionState,
  verdicts: Verdicts,
  plans: readonly TypePlan[],
): number | undefined {
  let first = Number.POSITIVE_INFINITY;
  for (const { type, diff } of plans) {
    for (const { version } of diff.awaited) {
      first = Math.min(first, trialEnd(state, bookOf(verdicts, type.typeUrl), version) ?? first);
    }
  }
  return first === Number.POSITIVE_INFINITY ? undefined : first;
}

/** As long as a cluster is still to come there is nothing to be used; for what is refused, something else stands in. */
function usableOf(
  state: SessionState,
  resource: ServedResource,
  lastGood: ServedResource | undefined,
): ServedResource | undefined {
  const missing = missingClusters(state, resource);
  if (missing.length === 0) return resource;
  return areRefused(state, missing) ? standInFor(resource, missing, lastGood) : undefined;
}

/** The clusters for whose sake the client is not to have a resource as it is: refused, and none of the others still to come. */
export function refusedClusters(state: SessionState, resource: ServedResource): readonly string[] {
  const missing = missingClusters(state, resource);
  return areRefused(state, missing) ? missing : [];
}

function areRefused(state: SessionState, clusters: readonly string[]): boolean {
  const refused = state.types.get(typeUrls.cluster)?.refused;
  const { resources } = collectionOf(state.snapshot, typeUrls.cluster);
  return clusters.every((name) => refused?.get(name) === resources.get(name)?.version);
}

/** Those that the client should have and does not. Others are not our concern. */
function missingClusters(state: SessionState, { references }: ServedResource): readonly string[] {
  const clusters = state.types.get(typeUrls.cluster);
  // This is nearly always the case.
  if (!clusters || isComplete(state)) return [];
  const { resources } = collectionOf(state.snapshot, typeUrls.cluster);
  return references.clusters.filter(
    (name) =>
      covers(clusters.subscription, name) &&
      resources.has(name) &&
      (!holds(clusters.held, name) || clusters.doubtful.has(name)),
  );
}

/** No cluster is still to be sent, in doubt or refused: each is where it should be. */
function isComplete({ types }: SessionState): boolean {
  const clusters = types.get(typeUrls.cluster);
  if (!clusters) return true;
  return clusters.dirty.size === 0 && clusters.doubtful.size === 0 && clusters.refused.size === 0;
}

/** Listeners and routes are where they should be, so that what they left may be removed. */
export function isMoved(state: SessionState, plans: readonly TypePlan[]): boolean {
  if (unseenUse(state) !== undefined) return false;
  const using = plans.filter(({ type }) => usingTypes.includes(type.typeUrl));
  return using.every(
    ({ type, diff }) =>
      type.inFlight.length === 0 &&
      !type.replyOwed &&
      !hasChanges(diff) &&
      diff.heldBack.length + diff.replaced.length === 0 &&
      (type.rule.removal !== "with-changes" || diff.removed.length === 0) &&
      !servesLastGood(type),
  );
}

/**
 * A client that comes back says at first what clusters it has, and only later what listeners and routes use them. Until
 * when to wait for that; undefined when it is known.
 */
export function unseenUse(state: SessionState): number | undefined {
  const { returning, types, now, openedAt, settings, snapshot } = state;
  const until = openedAt + settings.resubscribeTimeoutMs;
  if (!returning || now >= until) return undefined;
  const hosts = collectionOf(snapshot, typeUrls.virtualHosts).resources.size > 0;
  const uses = usingTypes.filter((typeUrl) => hosts || typeUrl !== typeUrls.virtualHosts);
  return uses.some((typeUrl) => !types.has(typeUrl)) ? until : undefined;
}

/** A client that refused the newest version of something goes on using what the last good one refers to. */
function servesLastGood(type: TypeState): boolean {
  return [...type.refused.keys()].some((name) => holds(type.held, name) && !type.doubtful.has(name));
}

export function hasChanges({ changed, absent, awaited }: ClientDiff): boolean {
  return changed.length > 0 || absent.length > 0 || awaited.length > 0;
}

export function hasRemovals({ removed, emptied }: ClientDiff): boolean {
  return removed.length > 0 || emptied.length > 0;
}

/** Nothing is left to do or to wait for, in any type. */
export function isInSync(state: SessionState, plans: readonly TypePlan[]): boolean {
  return (
    state.writingSince === undefined &&
    !isWarming(state) &&
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
