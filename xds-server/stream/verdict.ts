// In: one type's state and a client's answer to a response. Out: the state after the ACK or NACK. A refused version is not
// sent again until its content changes; the innocent part of a refused response is, in a smaller one. Sends nothing.

import { holds, lookUp, withEntries } from "#immutable";
import { unknownVersion } from "../cache/client-diff.ts";
import type { ServedResource } from "../cache/resource.ts";
import type { DeltaRequest, RequestError } from "./messages.ts";
import { namedIn } from "./offenders.ts";
import type { SessionEffect } from "./session.ts";
import { covers } from "./subscription.ts";
import { type InFlight, type TypeState, withMembers, withoutMembers } from "./type-state.ts";

/** Applies the answer in a request, if it is one to a response under way. */
export function takeAnswer(
  type: TypeState,
  request: DeltaRequest,
  now: number,
  effects: SessionEffect[],
): TypeState {
  if (request.nonce === "") return type;
  const at = type.inFlight.findIndex(({ nonce }) => nonce === request.nonce);
  const response = type.inFlight[at];
  if (!response) {
    effects.push({
      kind: "status",
      status: { kind: "stale-nonce", typeUrl: type.typeUrl, nonce: request.nonce },
    });
    return type;
  }
  // A client answers in order, so that older responses still unanswered are done with too.
  const answered: TypeState = {
    ...type,
    inFlight: type.inFlight.slice(at + 1),
    doubtful: withoutDoubt(type, type.inFlight.slice(0, at)),
  };
  return request.error
    ? refuse(answered, response, request.error, now, effects)
    : accept(answered, response, now, effects);
}

function withoutDoubt({ doubtful }: TypeState, answered: readonly InFlight[]): ReadonlySet<string> {
  if (doubtful.size === 0) return doubtful;
  return withoutMembers(
    doubtful,
    answered.flatMap(({ resources }) => resources.map(({ name }) => name)),
  );
}

function accept(type: TypeState, response: InFlight, now: number, effects: SessionEffect[]): TypeState {
  const { typeUrl } = type;
  const { nonce, snapshotId, resources, removed, sentAt } = response;
  effects.push({
    kind: "status",
    status: { kind: "acked", typeUrl, nonce, snapshotId, resources, removed, tookMs: now - sentAt },
  });
  const doubtful = withoutDoubt(type, [response]);
  const lastGood = lastGoodAfter(type, resources);
  return withoutOldRefusal({ ...type, doubtful, lastGood, ackedSnapshot: snapshotId, ackedAt: now });
}

/** What has been accepted is the last good version of what has changed again meanwhile. */
function lastGoodAfter(
  { lastGood, dirty }: TypeState,
  accepted: readonly ServedResource[],
): TypeState["lastGood"] {
  if (lastGood.size === 0 && dirty.size === 0) return lastGood;
  const after = new Map(lastGood);
  for (const resource of accepted) {
    if (dirty.has(resource.name)) after.set(resource.name, resource);
    else after.delete(resource.name);
  }
  return after;
}

/** The last refusal is history once something was accepted and nothing is refused or under suspicion any more. */
function withoutOldRefusal(type: TypeState): TypeState {
  if (!type.refusal || type.refused.size > 0 || type.suspects.length > 0) return type;
  return { ...type, refusal: undefined };
}

function refuse(
  before: TypeState,
  response: InFlight,
  { code, message }: RequestError,
  now: number,
  effects: SessionEffect[],
): TypeState {
  const { typeUrl } = before;
  const wanted = (name: string) => covers(before.subscription, name);
  const resources = response.resources.filter(({ name }) => wanted(name));
  // What the client does not want any more may be what was bad.
  const judgement = judge(response.resources, message);
  const guilty = judgement.guilty.filter(({ name }) => wanted(name));
  const retry = judgement.retry.map((group) => group.filter(wanted)).filter((group) => group.length > 0);
  const accused = guilty.length > 0 ? guilty : resources;
  effects.push({
    kind: "status",
    status: {
      kind: "nacked",
      typeUrl,
      nonce: response.nonce,
      snapshotId: response.snapshotId,
      message,
      code,
      resources: accused,
      certain: guilty.length > 0,
    },
  });
  const doubted = forgetVersions(before, response, resources);
  const refused = new Map(before.refused);
  for (const { name, version } of guilty) refused.set(name, version);
  // A removal refused together with resources is sent again with what remains of them; alone, it is taken as done.
  const removed = resources.length > 0 ? response.removed : [];
  return {
    ...doubted,
    held: withEntries(
      doubted.held,
      removed.map((name) => [name, unknownVersion]),
    ),
    dirty: withMembers(doubted.dirty, [...retry.flat(), ...removed]),
    refused,
    suspects: [...before.suspects, ...retry],
    refusal: { nonce: response.nonce, at: now, message, resources: accused },
  };
}

interface Judgement {
  readonly guilty: readonly ServedResource[];
  /** Groups of names to be tried again, each smaller than the refused response, so that this comes to an end. */
  readonly retry: readonly (readonly string[])[];
}

/** Believes the message where it names resources, and otherwise halves the response until one is left. */
function judge(resources: readonly ServedResource[], message: string): Judgement {
  if (resources.length <= 1) return { guilty: resources, retry: [] };
  const names = resources.map(({ name }) => name);
  const named = new Set(namedIn(message, names));
  if (named.size > 0) {
    const rest = names.filter((name) => !named.has(name));
    return { guilty: resources.filter(({ name }) => named.has(name)), retry: rest.length > 0 ? [rest] : [] };
  }
  const half = Math.ceil(names.length / 2);
  return { guilty: [], retry: [names.slice(0, half), names.slice(half)] };
}

function hadBefore({ before }: InFlight, name: string): boolean {
  return holds(before.held, name) && !before.doubtful.has(name);
}

/** Whether the client applied a part of what it refused cannot be known: it may hold the new, the old or nothing. */
function forgetVersions(
  type: TypeState,
  response: InFlight,
  resources: readonly ServedResource[],
): TypeState {
  const current = resources.filter(({ name, version }) => lookUp(type.held, name) === version);
  return {
    ...type,
    held: withEntries(
      type.held,
      current.map(({ name }) => [name, unknownVersion]),
    ),
    doubtful: withMembers(
      type.doubtful,
      current.map(({ name }) => name).filter((name) => !hadBefore(response, name)),
    ),
  };
}
