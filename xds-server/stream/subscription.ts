// What a client is subscribed to within one type, and how a request changes it (SPEC "How the client specifies what
// resources to return", "Subscribing", "Unsubscribing"). Knows names only: no resources, no versions.

import { holds, type LayeredMap, layeredMap, namesIn, withEntries } from "#immutable";
import { type DeliveryRule, tableOf } from "../cache/resource-types.ts";
import type { DeltaRequest } from "./messages.ts";

const everything = "*";

/** `wildcard` stands by itself: an empty set of names never means "everything", and names never end a wildcard. */
export interface Subscription {
  readonly wildcard: boolean;
  readonly names: LayeredMap<true>;
  /** Virtual hosts: the route tables to which the wildcard is confined. */
  readonly within?: ReadonlySet<string>;
}

export const noSubscription: Subscription = { wildcard: false, names: layeredMap() };

/** A subscription after a request, and which names the request was about. */
export interface SubscriptionChange {
  readonly subscription: Subscription;
  /** A wildcard began: everything there is, and an answer even if that is nothing. */
  readonly wildcardBegan: boolean;
  /** The wildcard ended: what only it covered is forgotten. */
  readonly wildcardEnded: boolean;
  /** Names asked for, to be answered whether or not they exist. */
  readonly asked: readonly string[];
  /** Names given up that the wildcard still covers: the client cannot know whether to keep them, and must be told. */
  readonly unclear: readonly string[];
  /** Names given up altogether. */
  readonly dropped: readonly string[];
}

const noChange: Omit<SubscriptionChange, "subscription"> = {
  wildcardBegan: false,
  wildcardEnded: false,
  asked: [],
  unclear: [],
  dropped: [],
};

/** Whether the client wants this name. */
export function covers({ wildcard, names, within }: Subscription, name: string): boolean {
  return (wildcard && (!within || within.has(tableOf(name)))) || holds(names, name);
}

/** All names of a request, as everybody has them who asks for the same. */
export interface SharedNames {
  readonly names: LayeredMap<true>;
  readonly list: readonly string[];
}

/**
 * Applies a request's lists, subscriptions first, so that `*` given up in the same request is no wildcard. `shared`: what it
 * subscribes to, where others have that as well.
 */
export function changeSubscription(
  before: Subscription,
  request: Pick<DeltaRequest, "subscribe" | "unsubscribe">,
  first: boolean,
  rule: DeliveryRule,
  shared?: SharedNames,
): SubscriptionChange {
  const { subscribe, unsubscribe } = request;
  const isSilent = subscribe.length === 0 && unsubscribe.length === 0;
  const legacy = first && rule.legacyWildcard && isSilent;
  // Most requests are answers and nothing else.
  if (isSilent && !legacy) return { ...noChange, subscription: before };
  if (shared && before.names.size === 0 && unsubscribe.length === 0) {
    return { ...noChange, subscription: { ...before, names: shared.names }, asked: shared.list };
  }
  const named = before.wildcard || legacy || subscribe.includes(everything);
  const wildcard = named && !unsubscribe.includes(everything);
  const givenUp = new Set(unsubscribe);
  const wanted = new Map<string, true>();
  for (const name of subscribe) if (name !== everything && !givenUp.has(name)) wanted.set(name, true);
  const asked = [...wanted.keys()];
  const known = unsubscribe.filter((name) => name !== everything && holds(before.names, name));
  const names =
    before.names.size === 0
      ? layeredMap(wanted)
      : withEntries(before.names, [...wanted, ...known.map((name) => [name, undefined] as const)]);
  return {
    subscription: { ...before, wildcard, names },
    wildcardBegan: wildcard && !before.wildcard,
    wildcardEnded: before.wildcard && !wildcard,
    asked,
    unclear: wildcard ? [...new Set(known)] : [],
    dropped: wildcard ? [] : [...new Set(known)],
  };
}

/** How many names are subscribed to, for status; the names themselves by `subscribedNames`. */
export function subscribedNames(subscription: Subscription): Iterable<string> {
  return namesIn(subscription.names);
}
