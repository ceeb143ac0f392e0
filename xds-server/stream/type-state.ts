// What a session remembers of one resource type: the subscription, what the client holds, what is under way and what was
// refused. Immutable data with the few questions that every part of the reducer asks of it.

import { type LayeredMap, layeredMap, lookUp } from "#immutable";
import type { ServedResource } from "../cache/resource.ts";
import { type DeliveryRule, deliveryRule } from "../cache/resource-types.ts";
import type { Collection } from "../cache/snapshot.ts";
import { noSubscription, type Subscription } from "./subscription.ts";

/** A response that the client has not answered. */
export interface InFlight {
  readonly nonce: string;
  readonly snapshotId: string;
  readonly resources: readonly ServedResource[];
  readonly removed: readonly string[];
  /** What the client held before, and what of that it may not have had. */
  readonly before: Pick<TypeState, "held" | "doubtful">;
  /** Milliseconds on the session's clock. */
  readonly sentAt: number;
  /** Unanswered for so long that nothing waits for it any more. */
  readonly overdue: boolean;
}

/** The last refusal, until every resource of it is replaced or accepted. */
export interface Refusal {
  readonly nonce: string;
  readonly at: number;
  readonly message: string;
  readonly resources: readonly ServedResource[];
}

/** One type's part of a session. */
export interface TypeState {
  readonly typeUrl: string;
  readonly rule: DeliveryRule;
  readonly subscription: Subscription;
  /** What the client holds once it has answered everything under way; `unknownVersion` where a refusal left doubt. */
  readonly held: LayeredMap<string>;
  /** Names in `held` that were only ever sent in refused responses, so that the client may have none. */
  readonly doubtful: ReadonlySet<string>;
  /** Names that may differ from what the client should hold. */
  readonly dirty: ReadonlySet<string>;
  /** Names of `dirty` that must be answered even if the client seems to have them. */
  readonly owed: ReadonlySet<string>;
  /** The next response is due even if it is empty (SPEC: the first answer to a wildcard). */
  readonly replyOwed: boolean;
  /** Oldest first. More than one only where the older ones are overdue. */
  readonly inFlight: readonly InFlight[];
  /** What the client has accepted under a name whose content has changed since, until it accepts that. */
  readonly lastGood: ReadonlyMap<string, ServedResource>;
  /** Versions by name that this client or another has refused: not sent again until the content changes. */
  readonly refused: ReadonlyMap<string, string>;
  /** Parts of a refused response, each to be tried in a response of its own. */
  readonly suspects: readonly (readonly string[])[];
  readonly refusal: Refusal | undefined;
  readonly sentSnapshot: string | undefined;
  readonly ackedSnapshot: string | undefined;
  /** Milliseconds on the session's clock. */
  readonly ackedAt: number | undefined;
}

/** A type that has just been asked for the first time. */
export function newTypeState(typeUrl: string): TypeState {
  return {
    typeUrl,
    rule: deliveryRule(typeUrl),
    subscription: noSubscription,
    held: layeredMap(),
    doubtful: new Set(),
    dirty: new Set(),
    owed: new Set(),
    replyOwed: false,
    inFlight: [],
    lastGood: new Map(),
    refused: new Map(),
    suspects: [],
    refusal: undefined,
    sentSnapshot: undefined,
    ackedSnapshot: undefined,
    ackedAt: undefined,
  };
}

/** Whether an answer is being waited for. */
export function isAwaitingAnswer(type: TypeState): boolean {
  return type.inFlight.some(({ overdue }) => !overdue);
}

/** Remembers what the client has of these names, where that is known to be good, before they change. */
export function withLastGood(
  { lastGood, held, inFlight }: TypeState,
  { resources }: Collection,
  names: readonly string[],
): ReadonlyMap<string, ServedResource> {
  let grown: Map<string, ServedResource> | undefined;
  for (const name of names) {
    const resource = resources.get(name);
    if (!resource || lookUp(held, name) !== resource.version) continue;
    if (inFlight.some((response) => response.resources.includes(resource))) continue;
    grown = (grown ?? new Map(lastGood)).set(name, resource);
  }
  return grown ?? lastGood;
}

/** The set with some members added; the set itself if there is nothing to add. */
export function withMembers(set: ReadonlySet<string>, more: Iterable<string>): ReadonlySet<string> {
  let grown: Set<string> | undefined;
  for (const name of more) {
    if (!grown && set.has(name)) continue;
    grown ??= new Set(set);
    grown.add(name);
  }
  return grown ?? set;
}

/** The set without some members; the set itself if it has none of them. */
export function withoutMembers(set: ReadonlySet<string>, gone: Iterable<string>): ReadonlySet<string> {
  if (set.size === 0) return set;
  let shrunk: Set<string> | undefined;
  for (const name of gone) {
    if (!set.has(name)) continue;
    shrunk ??= new Set(set);
    shrunk.delete(name);
  }
  return shrunk ?? set;
}

/** The map without some keys. */
export function withoutKeys<V>(map: ReadonlyMap<string, V>, gone: readonly string[]): ReadonlyMap<string, V> {
  if (map.size === 0 || !gone.some((key) => map.has(key))) return map;
  const kept = new Map(map);
  for (const key of gone) kept.delete(key);
  return kept;
}
