// One client's ADS session as a reducer: a state and an event in, the next state and effects out. Time is a number in the
// event. Knows no sockets, no timers and no protobuf. `request.ts`, `verdict.ts` and `advance.ts` are its parts.

import { typeUrls } from "../cache/resource-types.ts";
import { changedNames, collectionOf, endpointsNeeded, type Snapshot } from "../cache/snapshot.ts";
import { advance } from "./advance.ts";
import { expire, nextDeadline } from "./deadlines.ts";
import { namesIn } from "./layered-map.ts";
import type { DeltaRequest, DeltaResponse } from "./messages.ts";
import { applyRequest } from "./request.ts";
import type { SessionStatus } from "./status.ts";
import { covers, subscribedNames } from "./subscription.ts";
import { type TypeState, withMembers } from "./type-state.ts";
import type { WarmingSet } from "./warming.ts";

/** All times in milliseconds. */
export interface SessionSettings {
  /** A response unanswered for so long holds nothing up any more. Envoy answers a cluster update when it is warm. */
  readonly ackTimeoutMs: number;
  /** How long routes must have been settled before what they no longer use is removed. */
  readonly removalGraceMs: number;
  /** A response that cannot be written for so long ends the stream. */
  readonly writeTimeoutMs: number;
  /** A reconnecting client that has not asked again for what it asked before ends the stream after so long. */
  readonly resubscribeTimeoutMs: number;
  /** Split larger responses; Infinity for clients without a limit of their own. */
  readonly maxResponseBytes: number;
}

/** How a session begins. */
export interface SessionStart {
  readonly settings: SessionSettings;
  /** The stream is encrypted and its peer authenticated. Nothing confidential is sent on any other. */
  readonly secure: boolean;
  /** Types that this client asked for on its previous stream. */
  readonly expects: readonly string[];
  readonly at: number;
}

export interface SessionState extends Omit<SessionStart, "expects" | "at"> {
  readonly openedAt: number;
  readonly now: number;
  readonly expects: ReadonlySet<string>;
  readonly snapshot?: Snapshot;
  readonly types: ReadonlyMap<string, TypeState>;
  readonly warming: WarmingSet;
  /** Since when a response is being written; nothing else is sent meanwhile. */
  readonly writingSince?: number;
  /** Since when listeners and routes are settled while something waits to be removed. */
  readonly settledAt?: number;
  readonly nonces: number;
  /** The client came with resources from an earlier stream. */
  readonly returning: boolean;
  /** The snapshot that the client has all of, until something more is sent. */
  readonly syncedSnapshot?: string;
  /** Names of confidential resources asked for on this stream and not sent, because it is not secure. */
  readonly withheld: ReadonlySet<string>;
  readonly closed: boolean;
}

/** What can happen to a session; `at` is the session's clock in milliseconds and never goes back. */
export type SessionEvent = { readonly at: number } & (
  | { readonly kind: "request"; readonly request: DeltaRequest }
  | { readonly kind: "snapshot"; readonly snapshot: Snapshot }
  /** The last response has left for the network. */
  | { readonly kind: "written" }
  | { readonly kind: "tick" }
);

/** gRPC status codes with which a session ends a stream. */
export type CloseCode = "INVALID_ARGUMENT" | "UNAVAILABLE" | "RESOURCE_EXHAUSTED";

export type SessionEffect =
  | { readonly kind: "send"; readonly response: DeltaResponse }
  | { readonly kind: "close"; readonly code: CloseCode; readonly message: string }
  | { readonly kind: "status"; readonly status: SessionStatus };

/** A state, what is to be done, and when to send a `tick` if nothing happens before. */
export interface SessionStep {
  readonly state: SessionState;
  readonly effects: readonly SessionEffect[];
  readonly wakeAt?: number;
}

/** A session before its first request. */
export function startSession({ settings, secure, expects, at }: SessionStart): SessionState {
  return {
    settings,
    secure,
    expects: new Set(expects),
    openedAt: at,
    now: at,
    types: new Map(),
    warming: new Map(),
    nonces: 0,
    returning: false,
    withheld: new Set(),
    closed: false,
  };
}

/** The reducer. At most one `send` comes out of one event; the next follows on `written`. */
export function stepSession(before: SessionState, event: SessionEvent): SessionStep {
  if (before.closed) return { state: before, effects: [] };
  const effects: SessionEffect[] = [];
  let state: SessionState = { ...before, now: event.at };
  switch (event.kind) {
    case "request":
      state = applyRequest(state, event.request, effects);
      break;
    case "snapshot":
      state = applySnapshot(state, event.snapshot);
      break;
    case "written": {
      const { writingSince: _, ...idle } = state;
      state = idle;
      break;
    }
    case "tick":
      break;
  }
  state = expire(state, effects);
  if (!state.closed) state = advance(state, effects);
  const wakeAt = nextDeadline(state);
  return wakeAt === undefined ? { state, effects } : { state, effects, wakeAt };
}

/** Marks what differs between the snapshots; a snapshot that was still on its way is simply superseded. */
function applySnapshot(state: SessionState, snapshot: Snapshot): SessionState {
  const types = new Map(state.types);
  for (const type of state.types.values())
    types.set(type.typeUrl, reconsider(type, state.snapshot, snapshot));
  const needed = endpointsNeeded(collectionOf(snapshot, typeUrls.cluster));
  const warming = new Map([...state.warming].filter(([name]) => needed.has(name)));
  return { ...state, snapshot, types, warming };
}

function reconsider(type: TypeState, before: Snapshot | undefined, after: Snapshot): TypeState {
  const next = collectionOf(after, type.typeUrl);
  if (before) {
    const changed = changedNames(collectionOf(before, type.typeUrl), next);
    const concerned = changed.filter((name) => covers(type.subscription, name));
    return concerned.length === 0 ? type : { ...type, dirty: withMembers(type.dirty, concerned) };
  }
  const all = type.subscription.wildcard ? next.resources.keys() : subscribedNames(type.subscription);
  return { ...type, dirty: withMembers(withMembers(type.dirty, all), namesIn(type.held)) };
}
