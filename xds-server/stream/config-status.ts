// Where a client stands with each single resource, for who asks from outside. In: a session. Out: names, versions and what was
// said of them; content only where the client has accepted it and it may be shown. Pure, and made only when asked for.

import { lookUp, namesIn } from "#immutable";
import { unknownVersion } from "../cache/client-diff.ts";
import type { ServedResource } from "../cache/resource.ts";
import { type Collection, collectionOf } from "../cache/snapshot.ts";
import { refusedClusters } from "./plan.ts";
import type { SessionState } from "./session.ts";
import { covers, subscribedNames } from "./subscription.ts";
import type { TypeState } from "./type-state.ts";

/**
 * - `accepted`: the newest version.
 * - `sent`: the newest version is on its way, unanswered.
 * - `pending`: something newer is still to be sent, or it is still to be removed.
 * - `refused`: the client refused the newest version.
 * - `withheld`: the newest version is kept from it, for another client refused that, or a cluster that it needs was refused, or it is
 *   a secret and the stream not secure.
 * - `absent`: asked for, and there is none for this client.
 * - `unknown`: what the client has of it is not known, since it refused a response that held it, or has just reconnected.
 */
export type Standing = "accepted" | "sent" | "pending" | "refused" | "withheld" | "absent" | "unknown";

export interface ConfigStatus {
  readonly typeUrl: string;
  readonly name: string;
  readonly standing: Standing;
  /** The version that the client has accepted; absent where it has none, or none that is known. */
  readonly version?: string;
  /** That version, as it stands in `google.protobuf.Any.value`; never of a secret. */
  readonly body?: Uint8Array;
  /** Of what is refused or withheld. */
  readonly reason?: {
    readonly version: string;
    /** In the client's words where the refusal is its own. */
    readonly message: string;
    /** Milliseconds since 1970, of its own refusal. */
    readonly at?: number;
  };
}

/** Everything that the client asked for, by type URL and name. */
export function configStatuses(state: SessionState): readonly ConfigStatus[] {
  return [...state.types.values()]
    .sort((a, b) => (a.typeUrl < b.typeUrl ? -1 : 1))
    .flatMap((type) => statusesOfType(state, type, collectionOf(state.snapshot, type.typeUrl)));
}

function statusesOfType(
  state: SessionState,
  type: TypeState,
  collection: Collection,
): readonly ConfigStatus[] {
  const names = new Set([...subscribedNames(type.subscription), ...namesIn(type.held)]);
  if (type.subscription.wildcard) for (const name of collection.resources.keys()) names.add(name);
  const sent = new Set(type.inFlight.flatMap(({ resources }) => resources.map(({ name }) => name)));
  return [...names]
    .filter((name) => covers(type.subscription, name))
    .sort()
    .map((name) => {
      const target = collection.resources.get(name);
      const status = statusOf(type, name, target, sent.has(name));
      const lacks = status.standing === "pending" && target ? refusedClusters(state, target) : [];
      return target && lacks.length > 0 ? replacedStatus(status, target, lacks) : status;
    });
}

function statusOf(
  type: TypeState,
  name: string,
  target: ServedResource | undefined,
  sent: boolean,
): ConfigStatus {
  const standing = standingOf(type, name, target, sent);
  const accepted = acceptedOf(type, name, target, sent);
  return {
    typeUrl: type.typeUrl,
    name,
    standing,
    ...(accepted && { version: accepted.version }),
    ...(accepted?.resource && !accepted.resource.confidential && { body: accepted.resource.body }),
    ...reasonOf(standing, type, target),
  };
}

function replacedStatus(
  status: ConfigStatus,
  { version }: ServedResource,
  lacks: readonly string[],
): ConfigStatus {
  const message = `not sent as it is, because a cluster that it needs was refused: ${lacks.join(", ")}`;
  return { ...status, standing: "withheld", reason: { version, message } };
}

function reasonOf(
  standing: Standing,
  { refusal }: TypeState,
  target: ServedResource | undefined,
): Pick<ConfigStatus, "reason"> {
  if (!target || (standing !== "refused" && standing !== "withheld")) return {};
  const { version } = target;
  if (standing === "refused" && refusal) {
    return { reason: { version, message: refusal.message, at: refusal.at } };
  }
  const message = target.confidential
    ? "not sent, because the stream is not both encrypted and authenticated"
    : "not sent, because another client refused this version";
  return { reason: { version, message } };
}

function standingOf(
  type: TypeState,
  name: string,
  target: ServedResource | undefined,
  sent: boolean,
): Standing {
  const held = lookUp(type.held, name);
  const refused = type.refused.get(name);
  if (target && refused === target.version) {
    const own = type.refusal?.resources.some((each) => each.name === name && each.version === refused);
    return own ? "refused" : "withheld";
  }
  if (sent) return "sent";
  if (!target) {
    // An empty load assignment stands for one that does not exist.
    return held === undefined || type.rule.absent === "empty-assignment" ? "absent" : "pending";
  }
  if (held === target.version) return "accepted";
  if (held === unknownVersion || type.doubtful.has(name)) return "unknown";
  // Whoever has answered for a name that it may not have was told that there is none.
  return type.dirty.has(name) || held !== undefined ? "pending" : "withheld";
}

/** What it has accepted before everything that is under way or refused. */
function acceptedOf(
  type: TypeState,
  name: string,
  target: ServedResource | undefined,
  sent: boolean,
): { readonly version: string; readonly resource?: ServedResource } | undefined {
  const held = lookUp(type.held, name);
  if (!sent && held !== undefined && held !== unknownVersion && !type.doubtful.has(name)) {
    const resource = [target, type.lastGood.get(name)].find((each) => each?.version === held);
    return resource ? { version: held, resource } : { version: held };
  }
  const resource = type.lastGood.get(name);
  return resource && { version: resource.version, resource };
}
