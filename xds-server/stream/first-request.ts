// What a client says at first that it has, against what it should have: all of it at once, and most of it is alike. In: a type as
// its first request left it. Out: what is held, and the names that may differ, which are the only ones looked at later.

import { type LayeredMap, layeredMap, lookUp, namesIn } from "#immutable";
import { unknownVersion } from "../cache/client-diff.ts";
import { typeUrls } from "../cache/resource-types.ts";
import { type Collection, collectionOf, membersOf } from "../cache/snapshot.ts";
import type { ListedVersions } from "./messages.ts";
import type { SessionState } from "./session.ts";
import {
  everyName,
  isAllOfUnknown,
  isEveryName,
  namesOf,
  tablesIn,
  unknownVersionsOf,
  versionsIn,
} from "./sharing.ts";
import { covers } from "./subscription.ts";
import { type TypeState, withMembers } from "./type-state.ts";
import { hostsVouched } from "./virtual-hosts.ts";

/** What a client that comes back says it has. Names it no longer wants are not its concern, nor ours. */
export function heldAtFirst(
  { typeUrl, rule, subscription }: TypeState,
  listed: ListedVersions,
  state: SessionState,
): LayeredMap<string> {
  if (listed.size === 0) return layeredMap();
  const versions = typeUrl === typeUrls.virtualHosts ? hostsVouched(state, listed) : listed;
  const isWhole = rule.trustsReconnect && subscription.wildcard;
  const collection = collectionOf(state.snapshot, typeUrl);
  if (isWhole && isEverything(versions, collection)) return versionsIn(collection);
  const isDoubted = !rule.trustsReconnect && !subscription.wildcard;
  if (isDoubted && isSum(versions, collection) && subscription.names === namesOf(collection)) {
    return unknownVersionsOf(subscription.names);
  }
  const held = new Map<string, string>();
  versions.forEach((version, name) => {
    if (isWhole || covers(subscription, name))
      held.set(name, rule.trustsReconnect ? version : unknownVersion);
  });
  return layeredMap(held);
}

/** Whether it is what the collection has, as with nearly everybody who comes back. */
function isEverything(versions: ListedVersions, collection: Collection): boolean {
  const { resources } = collection;
  if (isSum(versions, collection)) return true;
  if (versions.size !== resources.size) return false;
  let same = true;
  versions.forEach((version, name) => {
    same &&= resources.get(name)?.version === version;
  });
  return same;
}

/** Versions stand for names (`cache/hash.ts`): who lists those of a collection has it, and a lie is the liar's loss. */
function isSum({ size, joined }: ListedVersions, { resources, version }: Collection): boolean {
  return size === resources.size && joined === version;
}

/** The type, in which nothing has been sent yet, compared with what the client should have. */
export function compared(type: TypeState, collection: Collection): TypeState {
  const { held, owed } = type;
  const open = openNames(type, collection);
  const isAll = held.size > 0 && held.size === collection.resources.size;
  const hasAll = isAll && owed.size + open.length === 0;
  const shared = { ...type, held: hasAll ? versionsIn(collection) : held };
  const due = dueAtFirst(shared, collection);
  return { ...shared, dirty: withMembers(due === owed ? due : withMembers(due, owed), open) };
}

/** What the client has and should not have, or in another version, of what it is not owed in any case. */
function openNames({ held, subscription, owed }: TypeState, collection: Collection): readonly string[] {
  if (held.size === 0) return [];
  const { wildcard, within } = subscription;
  const isCovered = wildcard && (!within || tablesIn(collection).isSubsetOf(within));
  if (isCovered && held === versionsIn(collection)) return [];
  if (isAllOfUnknown(held, collection) && isEveryName(owed, collection)) return [];
  const { resources } = collection;
  return [...namesIn(held)].filter(
    (name) =>
      !owed.has(name) && (resources.get(name)?.version !== lookUp(held, name) || !covers(subscription, name)),
  );
}

function dueAtFirst(type: TypeState, collection: Collection): ReadonlySet<string> {
  const { held, subscription, owed } = type;
  // Of what is asked for by name, what is not owed is vouched for, and so held.
  if (!subscription.wildcard) return owed;
  return held.size === 0 ? everyName(collection) : new Set(lacking(type, collection));
}

/** What the client should have and does not, of all that a wildcard is for. */
export function lacking({ held }: TypeState, collection: Collection): readonly string[] {
  if (held === versionsIn(collection)) return [];
  return membersOf(collection)
    .filter(({ name, version }) => lookUp(held, name) !== version)
    .map(({ name }) => name);
}
