// One client's ADS session as a reducer: a state and an event in, the next state and effects out. Time is a number in the
// event. Knows no sockets, no timers and no protobuf. `request.ts`, `verdict.ts` and `advance.ts` are its parts.

import { changedNames, collectionOf, type Snapshot } from "../cache/snapshot.ts";
import { advance } from "./advance.ts";
import { expire, nextDeadline } from "./deadlines.ts";
import { compared } from "./first-request.ts";
import type { Leaving } from "./leaving.ts";
import { noVerdicts, type Verdicts } from "./ledger.ts";
import type { DeltaRequest, DeltaResponse } from "./messages.ts";
import { applyRequest } from "./request.ts";
import type { SessionStatus } from "./status.ts";
import { covers } from "./subscription.ts";
import { type TypeState, withLastGood, withMembers } from "./type-state.ts";
import type { Tables } from "./virtual-hosts.ts";
import type { WarmingSet } from "./warming.ts";

/** All times in milliseconds. */
export interface SessionSettings {
  /** A response unanswered for so long holds nothing up any more. Envoy answers a cluster update when it is warm. */
  readonly ackTimeoutMs: number;
  /** How long nothing must have used what is removed. */
  readonly removalGraceMs: number;
  /** A response that cannot be written for so long ends the stream. */
  readonly writeTimeoutMs: number;
  /** A reconnecting client that has not asked again for what it asked before ends the stream after so long. */
  readonly resubscribeTimeoutMs: number;
  /** How long a change waits for the first client that is sent it; 0 for not at all. */
  readonly canaryWaitMs: number;
  /** Split larger responses; Infinity for clients without a limit of their own. */
  readonly maxResponseBytes: number;
}

/** How a session begins. */
export interface SessionStart {
  /** Tells this client's trials from those of others. */
  readonly connectionId: string;
  readonly settings: SessionSettings;
  /** The stream is encrypted and its peer authenticated. Nothing confidential is sent on any other. */
  readonly secure: boolean;
  /** Types that this client asked for on its previous stream. */
  readonly expects: readonly string[];
  readonly at: number;
}

/** Every field is always there, so that all states have one shape: copying one is most of what a step does. */
export interface SessionState extends Omit<SessionStart, "expects" | "at"> {
  readonly openedAt: number;
  readonly now: number;
  readonly expects: ReadonlySet<string>;
  readonly snapshot: Snapshot | undefined;
  readonly types: ReadonlyMap<string, TypeState>;
  readonly warming: WarmingSet;
  /** The route tables asked for, to which virtual hosts belong. */
  readonly tables: Tables;
  /** Since when a response is being written; nothing else is sent meanwhile. */
  readonly writingSince: number | undefined;
  /** What is to be removed once its grace period has passed. */
  readonly leaving: Leaving | undefined;
  readonly nonces: number;
  /** The client came with resources from an earlier stream. */
  readonly returning: boolean;
  /** The snapshot that the client has all of, until something more is sent. */
  readonly syncedSnapshot: string | undefined;
  /** It had everything once on this stream. Only then has it something to lose, and waits for others to try a change. */
  readonly seasoned: boolean;
  /** Something waits for another client's answer, at most until then. */
  readonly awaitsUntil: number | undefined;
  /** When to send a `tick` if nothing happens before: nothing is due because of time alone until then. */
  readonly dueAt: number | undefined;
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

/** A state and what is to be done. */
export interface SessionStep {
  readonly state: SessionState;
  readonly effects: readonly SessionEffect[];
}

/** A session before its first request. */
export function startSession({ connectionId, settings, secure, expects, at }: SessionStart): SessionState {
  return {
    connectionId,
    settings,
    secure,
    expects: new Set(expects),
    openedAt: at,
    now: at,
    snapshot: undefined,
    types: new Map(),
    warming: [],
    tables: new Map(),
    writingSince: undefined,
    leaving: undefined,
    nonces: 0,
    returning: false,
    syncedSnapshot: undefined,
    seasoned: false,
    awaitsUntil: undefined,
    dueAt: undefined,
    withheld: new Set(),
    closed: false,
  };
}

/**
 * The reducer. At most one `send` comes out of one event; the next follows on `written`. `verdicts` are what other clients
 * have made of the versions in question.
 */
export function stepSession(
  before: SessionState,
  event: SessionEvent,
  verdicts: Verdicts = noVerdicts,
): SessionStep {
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
    case "written":
      state = { ...state, writingSince: undefined };
      break;
    case "tick":
      break;
  }
  if (event.at >= (before.dueAt ?? Number.POSITIVE_INFINITY)) state = expire(state, effects);
  if (!state.closed) state = advance(state, verdicts, effects);
  const dueAt = nextDeadline(state);
  return { state: dueAt === state.dueAt ? state : { ...state, dueAt }, effects };
}

/** Marks what differs between the snapshots; a snapshot that was still on its way is simply superseded. */
function applySnapshot(state: SessionState, snapshot: Snapshot): SessionState {
  let types: Map<string, TypeState> | undefined;
  for (const type of state.types.values()) {
    const after = reconsider(type, state.snapshot, snapshot);
    if (after !== type) types = (types ?? new Map(state.types)).set(type.typeUrl, after);
  }
  return { ...state, snapshot, ...(types && { types }) };
}

function reconsider(type: TypeState, before: Snapshot | undefined, after: Snapshot): TypeState {
  const next = collectionOf(after, type.typeUrl);
  if (!before) return compared(type, next);
  const last = collectionOf(before, type.typeUrl);
  if (last === next) return type;
  const concerned = changedNames(last, next).filter((name) => covers(type.subscription, name));
  if (concerned.length === 0) return type;
  const lastGood = withLastGood(type, last, concerned);
  return { ...type, lastGood, dirty: withMembers(type.dirty, concerned) };
}
