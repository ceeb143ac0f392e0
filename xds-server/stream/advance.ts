// Chooses the next response of a session, if one may go now: make (clusters, endpoints, secrets), then use (listeners,
// routes), then break (removals). Make before break is a property of this file: each stage waits for the client's answers
// to the one before. In: a session. Out: the session after sending at most one response.

import { isAnyConfidential, type ServedResource } from "../cache/resource.ts";
import { typeUrls } from "../cache/resource-types.ts";
import { type Collection, collectionOf, membersOf } from "../cache/snapshot.ts";
import { isMade, readyTables } from "./gate.ts";
import { ripeRemovals, withLeaving } from "./leaving.ts";
import type { Verdicts } from "./ledger.ts";
import { firstTrialEnd, hasRemovals, isInSync, planSession, type TypePlan, unseenUse } from "./plan.ts";
import type { SessionEffect, SessionState } from "./session.ts";
import { heldAfter, withoutNames, withSharedMaps } from "./sharing.ts";
import { covers } from "./subscription.ts";
import { isAwaitingAnswer, type TypeState, withMembers, withoutKeys, withoutMembers } from "./type-state.ts";
import { tablesSent } from "./virtual-hosts.ts";
import { endpointNames, isWarming, startWarming, stopWarming } from "./warming.ts";
import { reportWithheld, takeQuarantine } from "./withholding.ts";

/** Sends the next response if nothing is being written and something may go. */
export function advance(before: SessionState, verdicts: Verdicts, effects: SessionEffect[]): SessionState {
  if (!before.snapshot || before.writingSince !== undefined) return before;
  if (isIdle(before)) return afterAll(before, effects);
  const informed = takeQuarantine(reportWithheld(before, effects), verdicts, effects);
  const plans = planSession(informed, verdicts);
  const awaitsUntil = firstTrialEnd(informed, verdicts, plans);
  const tidy = withoutSettledNames(informed, plans);
  const current =
    tidy === informed
      ? plans
      : plans.map(({ type, diff }) => ({ type: tidy.types.get(type.typeUrl) ?? type, diff }));
  const state = withAwaitsUntil(withLeaving(tidy, current), awaitsUntil);
  const next = nextResponse(state, current);
  if (next) return send(state, next, effects);
  return isInSync(state, current) ? reportInSync(state, effects) : state;
}

/** Nothing is to be sent or withdrawn, as after nearly every answer: only what is under way remains. */
function isIdle({ types }: SessionState): boolean {
  for (const { dirty, replyOwed } of types.values()) if (dirty.size > 0 || replyOwed) return false;
  return true;
}

function afterAll(before: SessionState, effects: SessionEffect[]): SessionState {
  const state = withAwaitsUntil(withLeaving(before, []), undefined);
  if (isWarming(state)) return state;
  for (const { inFlight } of state.types.values()) if (inFlight.length > 0) return state;
  return reportInSync(state, effects);
}

/** A response about to be made, and the groups of suspects that remain after it. */
interface Draft {
  readonly type: TypeState;
  readonly resources: readonly ServedResource[];
  readonly removed: readonly string[];
  readonly suspects: readonly (readonly string[])[];
}

function nextResponse(state: SessionState, plans: readonly TypePlan[]): Draft | undefined {
  const free = plans.filter(({ type }) => !isAwaitingAnswer(type));
  const made = isMade(state, plans);
  for (const plan of free) {
    if (isTooEarly(state, plan)) continue;
    const open = plan.type.rule.phase === "make" || made ? plan : readyTables(state, plans, plan);
    const draft = open && draftChanges(open, state);
    if (draft) return draft;
  }
  return draftRemovals(ripeRemovals(state, plans));
}

/** A returning client has not said which tables it has: its virtual hosts would seem to belong to none. */
function isTooEarly(state: SessionState, { type }: TypePlan): boolean {
  const hosts = type.typeUrl === typeUrls.virtualHosts;
  return hosts && !state.types.has(typeUrls.routes) && unseenUse(state) !== undefined;
}

/** Changes, answers about what does not exist, a first answer that is due; removals only where they belong together. */
function draftChanges({ type, diff }: TypePlan, state: SessionState): Draft | undefined {
  const { maxResponseBytes: maxBytes } = state.settings;
  // A listener's successor may be among what another client tries first; of virtual hosts, a plan has whole tables only.
  const isApart = diff.awaited.length === 0 || type.subscription.within !== undefined;
  const together = type.rule.removal === "with-changes" && isApart;
  const removals = together ? diff.removed : [];
  const groups = type.suspects.filter((group) => diff.changed.some(({ name }) => group.includes(name)));
  const group = groups[0];
  const changed = group ? diff.changed.filter(({ name }) => group.includes(name)) : diff.changed;
  const resources = upTo(inOrder(changed, type, state), maxBytes);
  const removed = [...diff.absent, ...removals].sort();
  if (resources.length === 0 && removed.length === 0 && !type.replyOwed) return undefined;
  return { type, resources, removed, suspects: groups.slice(1) };
}

/** Whoever gets all there is gets one list for all, of which what is nobody's own is encoded once. */
function inOrder(
  changed: readonly ServedResource[],
  { typeUrl }: TypeState,
  { snapshot }: SessionState,
): readonly ServedResource[] {
  const collection = collectionOf(snapshot, typeUrl);
  const { resources } = collection;
  if (changed.length !== resources.size) return changed.toSorted(byName);
  const all = membersOf(collection);
  const isAll = changed === all || changed.every((each) => resources.get(each.name) === each);
  return isAll ? all : changed.toSorted(byName);
}

function byName(a: ServedResource, b: ServedResource): number {
  return a.name < b.name ? -1 : 1;
}

function upTo(resources: readonly ServedResource[], maxBytes: number): readonly ServedResource[] {
  if (maxBytes === Number.POSITIVE_INFINITY) return resources;
  let bytes = 0;
  const end = resources.findIndex(({ wire }, index) => {
    bytes += wire.byteLength;
    return index > 0 && bytes > maxBytes;
  });
  return end === -1 ? resources : resources.slice(0, end);
}

function draftRemovals(plans: readonly TypePlan[]): Draft | undefined {
  for (const { type, diff } of plans) {
    if (isAwaitingAnswer(type) || !hasRemovals(diff)) continue;
    const resources = diff.emptied.toSorted(byName);
    return { type, resources, removed: diff.removed.toSorted(), suspects: type.suspects };
  }
  return undefined;
}

function withoutSettledNames(state: SessionState, plans: readonly TypePlan[]): SessionState {
  let types: Map<string, TypeState> | undefined;
  for (const { type, diff } of plans) {
    if (diff.settled.length === 0) continue;
    const dirty = withoutMembers(type.dirty, diff.settled);
    const owed = withoutMembers(type.owed, diff.settled);
    const suspects = type.suspects.filter((group) => group.some((name) => dirty.has(name)));
    // Content that came back to what the client has ends a refusal without anything being sent.
    const { resources } = collectionOf(state.snapshot, type.typeUrl);
    const refused = withoutKeys(
      type.refused,
      diff.settled.filter((name) => resources.get(name)?.version !== type.refused.get(name)),
    );
    types = (types ?? new Map(state.types)).set(type.typeUrl, { ...type, dirty, owed, suspects, refused });
  }
  return types ? { ...state, types } : state;
}

function send(state: SessionState, draft: Draft, effects: SessionEffect[]): SessionState {
  const { type, resources, removed } = draft;
  // Removing a secret from `permittedTarget` would be the mistake that this catches.
  if (!state.secure && isAnyConfidential(resources)) {
    throw new Error("a confidential resource was about to be sent on a stream that is not secure");
  }
  const nonce = String(state.nonces + 1);
  const systemVersion = state.snapshot?.id ?? "";
  effects.push({
    kind: "send",
    response: { typeUrl: type.typeUrl, nonce, systemVersion, resources, removed },
  });
  const collection = collectionOf(state.snapshot, type.typeUrl);
  const sent: TypeState = {
    ...type,
    held: heldAfter(type.held, collection, resources, removed),
    doubtful: withoutMembers(type.doubtful, removed),
    lastGood: removed.length > 0 ? withoutKeys(type.lastGood, removed) : type.lastGood,
    dirty: withMembers(withoutMembers(withoutNames(type.dirty, resources, collection), removed), [
      ...standInsAmong(resources, state, collection),
      ...leavingAmong(resources, type, collection),
    ]),
    owed: withoutMembers(withoutNames(type.owed, resources, collection), removed),
    replyOwed: false,
    refused: refusedAfter(state, draft),
    suspects: draft.suspects,
    sentSnapshot: systemVersion,
    inFlight: [
      ...type.inFlight,
      {
        nonce,
        snapshotId: systemVersion,
        resources,
        removed,
        before: { held: type.held, doubtful: type.doubtful },
        sentAt: state.now,
        overdue: false,
      },
    ],
  };
  const after: SessionState = {
    ...state,
    types: new Map(state.types).set(type.typeUrl, sent),
    syncedSnapshot: undefined,
    nonces: state.nonces + 1,
    writingSince: state.now,
  };
  if (type.typeUrl === typeUrls.routes) {
    return tablesSent(
      after,
      resources.map(({ name }) => name),
    );
  }
  if (type.typeUrl !== typeUrls.cluster) return after;
  return announceEndpoints({ ...after, warming: stopWarming(after.warming, removed) }, resources);
}

/** Names of what has only been replaced for as long as some cluster is refused: it differs still. */
function standInsAmong(
  resources: readonly ServedResource[],
  { types }: SessionState,
  collection: Collection,
): readonly string[] {
  if (!types.get(typeUrls.cluster)?.refused.size) return [];
  const isOther = ({ name, version }: ServedResource) =>
    (collection.resources.get(name)?.version ?? version) !== version;
  return resources.filter(isOther).map(({ name }) => name);
}

/** Names of what a client was sent once more because it uses it still, although it is to go. */
function leavingAmong(
  resources: readonly ServedResource[],
  { lastGood }: TypeState,
  collection: Collection,
): readonly string[] {
  if (lastGood.size === 0) return [];
  const leaving = resources.filter(
    (each) => !collection.resources.has(each.name) && lastGood.get(each.name) === each,
  );
  return leaving.map(({ name }) => name);
}

/** The last good version may go out in place of a refused one, which stays refused. */
function refusedAfter(
  { snapshot }: SessionState,
  { type: { typeUrl, refused }, resources, removed }: Draft,
): TypeState["refused"] {
  if (refused.size === 0) return refused;
  const wanted = (name: string) => collectionOf(snapshot, typeUrl).resources.get(name)?.version;
  const replaced = resources.filter(
    ({ name, version }) => wanted(name) === version || wanted(name) !== refused.get(name),
  );
  return withoutKeys(refused, [...removed, ...replaced.map(({ name }) => name)]);
}

/** Envoy warms a changed cluster on the next load assignment for it, changed or not, and does not always ask for one. */
function announceEndpoints(state: SessionState, sent: readonly ServedResource[]): SessionState {
  const warming = startWarming(state.warming, sent, { since: state.now, after: state.nonces });
  const endpoints = state.types.get(typeUrls.endpoints);
  if (warming === state.warming || !endpoints) return { ...state, warming };
  const known = endpointNames(sent).filter((name) => covers(endpoints.subscription, name));
  const told = {
    ...endpoints,
    dirty: withMembers(endpoints.dirty, known),
    owed: withMembers(endpoints.owed, known),
  };
  return { ...state, warming, types: new Map(state.types).set(typeUrls.endpoints, told) };
}

function reportInSync(state: SessionState, effects: SessionEffect[]): SessionState {
  const snapshotId = state.snapshot?.id;
  if (snapshotId === undefined || state.types.size === 0 || state.syncedSnapshot === snapshotId) return state;
  let refused = 0;
  for (const type of state.types.values()) refused += type.refused.size;
  effects.push({ kind: "status", status: { kind: "in-sync", snapshotId, refused } });
  let types: Map<string, TypeState> | undefined;
  for (const [typeUrl, type] of state.types) {
    const shared = withSharedMaps(type, collectionOf(state.snapshot, typeUrl));
    if (shared !== type) types = (types ?? new Map(state.types)).set(typeUrl, shared);
  }
  return { ...state, types: types ?? state.types, syncedSnapshot: snapshotId, seasoned: true };
}

function withAwaitsUntil(state: SessionState, awaitsUntil: number | undefined): SessionState {
  return state.awaitsUntil === awaitsUntil ? state : { ...state, awaitsUntil };
}
