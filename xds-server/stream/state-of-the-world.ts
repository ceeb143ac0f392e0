// The state-of-the-world variant as a translation: its requests become requests of the incremental session, and the session's
// responses become its responses, in which listeners and clusters are always complete (SPEC "Grouping resources into
// responses"). In: messages and what was said before. Out: messages. The session knows nothing of it.

import { type LayeredMap, layeredMap, lookUp, namesIn, withEntries } from "#immutable";
import type { ServedResource } from "../cache/resource.ts";
import { typeUrls } from "../cache/resource-types.ts";
import type { DeltaRequest, DeltaResponse, RequestError } from "./messages.ts";

/** `DiscoveryRequest`, decoded. */
export interface WorldRequest {
  readonly typeUrl: string;
  /** All names that the client wants; empty for everything, if it never named any. */
  readonly names: readonly string[];
  /** Empty when the request answers no response. */
  readonly nonce: string;
  readonly error?: RequestError;
}

/** `DiscoveryResponse` before encoding. */
export interface WorldResponse {
  readonly typeUrl: string;
  readonly nonce: string;
  readonly version: string;
  readonly resources: readonly ServedResource[];
}

type Content = LayeredMap<ServedResource>;

/** One type of a stream. */
interface WorldType {
  readonly names: ReadonlySet<string>;
  /** Names were asked for at some time, so that none does not mean everything any more. */
  readonly named: boolean;
  /** The last nonce answered, which further requests repeat. */
  readonly answered: string;
  /** What the client has, for types whose responses are complete. */
  readonly accepted: Content;
  /** What it would have after each response under way, oldest first. */
  readonly pending: readonly { readonly nonce: string; readonly content: Content }[];
}

/** What a stream of this variant remembers, by type URL. */
export type WorldState = ReadonlyMap<string, WorldType>;

export const newWorldState: WorldState = new Map();

/** What a response becomes: one of this variant, or where it has no words for it, the answer that the session waits for. */
export type Said =
  | { readonly kind: "response"; readonly response: WorldResponse }
  | { readonly kind: "unsayable"; readonly answer: DeltaRequest };

const everything = "*";
const newType: WorldType = {
  names: new Set(),
  named: false,
  answered: "",
  accepted: layeredMap(),
  pending: [],
};
/** What is left out of a response of these is gone; of other types it is merely not mentioned. */
const completeTypes: readonly string[] = [typeUrls.cluster, typeUrls.listener];

/** Takes in a request: what is new in its names is a subscription, what is missing the end of one. */
export function hearWorld(
  state: WorldState,
  request: WorldRequest,
): { readonly state: WorldState; readonly request: DeltaRequest } {
  const { typeUrl, error } = request;
  const before = state.get(typeUrl);
  const { accepted, pending } = settle(before ?? newType, request);
  const names = new Set(request.names);
  const known = before?.names ?? newType.names;
  const subscribe = [...names].filter((name) => !known.has(name));
  const unsubscribe = [...known].filter((name) => !names.has(name));
  // Whoever wanted everything, unnamed, and now gives names wants those alone.
  if (before && !before.named && names.size > 0 && !names.has(everything)) unsubscribe.push(everything);
  const after: WorldType = {
    names,
    named: names.size > 0 || before?.named === true,
    answered: request.nonce,
    accepted: unsubscribe.length > 0 ? without(accepted, unsubscribe, names) : accepted,
    pending,
  };
  return {
    state: new Map(state).set(typeUrl, after),
    request: {
      typeUrl,
      subscribe,
      unsubscribe,
      initialVersions: new Map(),
      nonce: request.nonce === before?.answered ? "" : request.nonce,
      ...(error && { error }),
    },
  };
}

/** Says a response of the session. */
export function sayWorld(
  state: WorldState,
  { typeUrl, nonce, systemVersion, resources, removed }: DeltaResponse,
): { readonly state: WorldState; readonly said: Said } {
  const response = { typeUrl, nonce, version: systemVersion };
  if (!completeTypes.includes(typeUrl)) {
    if (resources.length > 0)
      return { state, said: { kind: "response", response: { ...response, resources } } };
    return { state, said: { kind: "unsayable", answer: answerTo(typeUrl, nonce) } };
  }
  const before = state.get(typeUrl) ?? newType;
  const content = withEntries(before.pending.at(-1)?.content ?? before.accepted, [
    ...removed.map((name) => [name, undefined] as const),
    ...resources.map((resource) => [resource.name, resource] as const),
  ]);
  const after = { ...before, pending: [...before.pending, { nonce, content }] };
  return {
    state: new Map(state).set(typeUrl, after),
    said: { kind: "response", response: { ...response, resources: valuesOf(content) } },
  };
}

/** What the client has once it has answered. A refused response leaves it with what it had. */
function settle(type: WorldType, { nonce, error }: WorldRequest): Pick<WorldType, "accepted" | "pending"> {
  const { accepted, pending } = type;
  const at = pending.findIndex((each) => each.nonce === nonce);
  const answered = pending[at];
  if (!answered) return { accepted, pending };
  return { accepted: error ? accepted : answered.content, pending: pending.slice(at + 1) };
}

/** Without what is not wanted any more; where everything was wanted, that is all but the names left. */
function without(content: Content, unsubscribed: readonly string[], names: ReadonlySet<string>): Content {
  const gone = unsubscribed.includes(everything)
    ? [...namesIn(content)].filter((name) => !names.has(name))
    : unsubscribed;
  return withEntries(
    content,
    gone.map((name) => [name, undefined]),
  );
}

function valuesOf(content: Content): readonly ServedResource[] {
  return [...namesIn(content)].sort().flatMap((name) => lookUp(content, name) ?? []);
}

function answerTo(typeUrl: string, nonce: string): DeltaRequest {
  return { typeUrl, subscribe: [], unsubscribe: [], initialVersions: new Map(), nonce };
}
