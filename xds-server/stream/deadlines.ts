// Everything in a session that depends on time passing: answers that do not come, readers that do not read, clients that
// do not ask again. In: a session whose `now` is set. Out: the session after that, and when to look next. Reads no clock.

import { unseenUse } from "./plan.ts";
import type { SessionEffect, SessionState } from "./session.ts";
import type { TypeState } from "./type-state.ts";
import { namesOf } from "./warming.ts";

/** Applies all deadlines that have passed. */
export function expire(before: SessionState, effects: SessionEffect[]): SessionState {
  if (before.closed) return before;
  const { now, settings } = before;
  if (before.writingSince !== undefined && now >= before.writingSince + settings.writeTimeoutMs) {
    const seconds = Math.round((now - before.writingSince) / 1000);
    return close(
      before,
      effects,
      "RESOURCE_EXHAUSTED",
      `the client has not read a response for ${seconds} s`,
    );
  }
  const missing = unasked(before);
  if (missing.length > 0 && now >= before.openedAt + settings.resubscribeTimeoutMs) {
    effects.push({ kind: "status", status: { kind: "not-resubscribed", typeUrls: missing } });
    const names = missing.join(", ");
    return close(before, effects, "UNAVAILABLE", `the client reconnected and did not ask again for ${names}`);
  }
  return expireEndpoints(expireAnswers(before, effects), effects);
}

/** The next moment at which `expire` or a waiting removal has something to do; undefined for never. */
export function nextDeadline(state: SessionState): number | undefined {
  if (state.closed) return undefined;
  const { settings } = state;
  const never = Number.POSITIVE_INFINITY;
  let first = never;
  if (state.writingSince !== undefined) first = state.writingSince + settings.writeTimeoutMs;
  else if (state.awaitsUntil !== undefined) first = state.awaitsUntil;
  if (unasked(state).length > 0) first = Math.min(first, state.openedAt + settings.resubscribeTimeoutMs);
  for (const { inFlight } of state.types.values()) {
    for (const { overdue, sentAt } of inFlight) {
      if (!overdue) first = Math.min(first, sentAt + settings.ackTimeoutMs);
    }
  }
  for (const { since } of state.warming) first = Math.min(first, since + settings.ackTimeoutMs);
  first = Math.min(first, unseenUse(state) ?? never);
  if (state.leaving) {
    const removal = state.leaving.since + settings.removalGraceMs;
    if (removal > state.now) first = Math.min(first, removal);
  }
  return first === never ? undefined : first;
}

function close(
  state: SessionState,
  effects: SessionEffect[],
  code: "UNAVAILABLE" | "RESOURCE_EXHAUSTED",
  message: string,
): SessionState {
  effects.push({ kind: "close", code, message });
  return { ...state, closed: true };
}

function unasked(state: SessionState): readonly string[] {
  if (state.expects.size === 0) return [];
  return [...state.expects].filter((typeUrl) => !state.types.has(typeUrl)).sort();
}

function expireAnswers(state: SessionState, effects: SessionEffect[]): SessionState {
  const due = state.now - state.settings.ackTimeoutMs;
  let types: Map<string, TypeState> | undefined;
  for (const type of state.types.values()) {
    if (type.inFlight.length === 0) continue;
    const late = type.inFlight.filter(({ overdue, sentAt }) => !overdue && sentAt <= due);
    if (late.length === 0) continue;
    for (const { nonce, resources } of late) {
      const names = resources.map(({ name }) => name);
      effects.push({ kind: "status", status: { kind: "overdue", typeUrl: type.typeUrl, nonce, names } });
    }
    const inFlight = type.inFlight.map((each) => (late.includes(each) ? { ...each, overdue: true } : each));
    types = (types ?? new Map(state.types)).set(type.typeUrl, { ...type, inFlight });
  }
  return types ? { ...state, types } : state;
}

function expireEndpoints(state: SessionState, effects: SessionEffect[]): SessionState {
  const due = state.now - state.settings.ackTimeoutMs;
  const late = state.warming.filter(({ since }) => since <= due);
  if (late.length === 0) return state;
  effects.push({ kind: "status", status: { kind: "endpoints-overdue", names: namesOf(late).toSorted() } });
  return { ...state, warming: state.warming.filter(({ since }) => since > due) };
}
