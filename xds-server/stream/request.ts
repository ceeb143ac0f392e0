// In: a session and a request. Out: the session with the request's answer and its subscription changes taken in. A stale
// nonce discards the answer only, never the subscriptions (SPEC, "Incremental xDS"). Sends nothing.

import { namesIn, withEntries } from "#immutable";
import { typeUrls } from "../cache/resource-types.ts";
import { collectionOf } from "../cache/snapshot.ts";
import { compared, heldAtFirst, lacking } from "./first-request.ts";
import type { DeltaRequest } from "./messages.ts";
import type { SessionEffect, SessionState } from "./session.ts";
import { askedAsWhole, withNames } from "./sharing.ts";
import { changeSubscription, covers, type SubscriptionChange } from "./subscription.ts";
import { newTypeState, type TypeState, withoutMembers } from "./type-state.ts";
import { takeAnswer } from "./verdict.ts";
import { confined, type Tables, tablesAsked } from "./virtual-hosts.ts";
import { clustersRefused, endpointsAnswered, type WarmingSet } from "./warming.ts";

/** More types than any client has use for; a limit to what one stream can make the server remember. */
const maxTypes = 64;

/** Applies one request. */
export function applyRequest(
  state: SessionState,
  request: DeltaRequest,
  effects: SessionEffect[],
): SessionState {
  const known = state.types.get(request.typeUrl);
  if (request.typeUrl === "" || (!known && state.types.size >= maxTypes)) {
    const message =
      request.typeUrl === "" ? "the request has no type_url" : `more than ${maxTypes} resource types`;
    effects.push({ kind: "close", code: "INVALID_ARGUMENT", message });
    return { ...state, closed: true };
  }
  const first = known ? undefined : request;
  const answered = known
    ? takeAnswer(known, request, state.now, effects)
    : firstState(request.typeUrl, state.tables);
  const shared = askedAsWhole(request.subscribe, collectionOf(state.snapshot, request.typeUrl));
  const change = changeSubscription(answered.subscription, request, !known, answered.rule, shared);
  const subscribed = () => ({ ...answered, subscription: change.subscription });
  const type = first
    ? begin(subscribed(), change, first, state)
    : change.subscription === answered.subscription
      ? answered
      : takeSubscriptions(subscribed(), change, state);
  const after: SessionState = {
    ...state,
    types: new Map(state.types).set(type.typeUrl, type),
    returning: state.returning || request.initialVersions.size > 0,
    warming: known ? warmingAfter(state.warming, known, request) : state.warming,
  };
  return type.typeUrl === typeUrls.routes ? tablesAsked(after, change, first) : after;
}

function firstState(typeUrl: string, tables: Tables): TypeState {
  const type = newTypeState(typeUrl);
  return typeUrl === typeUrls.virtualHosts ? confined(type, tables) : type;
}

/** The type with what its first request asks for. */
function begin(
  type: TypeState,
  change: SubscriptionChange,
  first: DeltaRequest,
  state: SessionState,
): TypeState {
  const collection = collectionOf(state.snapshot, type.typeUrl);
  // A version that the client vouches for is compared; every other name asked for is answered in any case.
  const { initialVersions } = first;
  const isVouched = type.rule.trustsReconnect && initialVersions.size > 0;
  const owed = isVouched ? change.asked.filter((name) => !initialVersions.has(name)) : change.asked;
  const begun = {
    ...type,
    held: heldAtFirst(type, initialVersions, state),
    owed: withNames(type.owed, owed, collection),
    replyOwed: change.wildcardBegan,
  };
  return compared(begun, collection);
}

function takeSubscriptions(type: TypeState, change: SubscriptionChange, state: SessionState): TypeState {
  let { held, doubtful, dirty, owed, refused } = type;
  const collection = collectionOf(state.snapshot, type.typeUrl);
  const due = [...change.asked, ...change.unclear];
  dirty = withNames(dirty, due, collection);
  owed = withNames(owed, due, collection);
  if (change.wildcardBegan) dirty = withNames(dirty, lacking(type, collection), collection);
  const forgotten = new Set(change.dropped);
  if (change.wildcardEnded) {
    for (const name of [...namesIn(held), ...dirty])
      if (!covers(change.subscription, name)) forgotten.add(name);
  }
  if (forgotten.size > 0) {
    held = withEntries(
      held,
      [...forgotten].map((name) => [name, undefined]),
    );
    doubtful = withoutMembers(doubtful, forgotten);
    dirty = withoutMembers(dirty, forgotten);
    owed = withoutMembers(owed, forgotten);
    refused = new Map([...refused].filter(([name]) => !forgotten.has(name)));
  }
  const replyOwed = type.replyOwed || change.wildcardBegan;
  return { ...type, held, doubtful, dirty, owed, refused, replyOwed };
}

/** What the answer in a request says about clusters that wait for their endpoints. */
function warmingAfter(before: WarmingSet, type: TypeState, request: DeltaRequest): WarmingSet {
  if (before.length === 0) return before;
  const at = type.inFlight.findIndex(({ nonce }) => nonce === request.nonce);
  const answered = type.inFlight.slice(0, at + 1);
  if (type.typeUrl === typeUrls.endpoints) return answered.reduce(endpointsAnswered, before);
  return type.typeUrl === typeUrls.cluster && request.error
    ? answered.reduce(clustersRefused, before)
    : before;
}
