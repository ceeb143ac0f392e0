// The pure difference between what one client holds of a type and what it should hold, over the names that may differ.
// Knows nothing of order, timing or streams.

import { emptyLoadAssignment, type ServedResource } from "./resource.ts";
import type { DeliveryRule } from "./resource-types.ts";

/** A version that equals no resource's: the client holds something, we cannot say what. */
export const unknownVersion = "";

/** What the difference is taken from. All functions are by name. */
export interface DiffInput {
  readonly rule: DeliveryRule;
  /** The names that may differ; every other name is known to be in order. */
  readonly candidates: Iterable<string>;
  /** The client asked for an answer about this name, whatever we believe it holds. */
  readonly owed: (name: string) => boolean;
  readonly subscribed: (name: string) => boolean;
  /** Subscribed by this very name, and not only through a wildcard. */
  readonly named: (name: string) => boolean;
  /** The version the client holds, `unknownVersion`, or undefined where it holds none. */
  readonly held: (name: string) => string | undefined;
  /** What the client should have, if it may have it. */
  readonly target: (name: string) => ServedResource | undefined;
  /** The version of it that must not be sent, because this client or another refused it. */
  readonly refused: (name: string) => string | undefined;
  /** What the client accepted before what it should have now. */
  readonly lastGood: (name: string) => ServedResource | undefined;
  /** Something that the client should have needs this name, so that it must not be left without an answer. */
  readonly needed: (name: string) => boolean;
  /**
   * What the client can use of the resource now: mostly itself; undefined while something that it needs is on its way; what
   * stands in for it where that is refused.
   */
  readonly usable: (resource: ServedResource) => ServedResource | undefined;
  /** Another client is trying it, and may yet refuse it. */
  readonly awaited: (resource: ServedResource) => boolean;
}

/** What has to happen for the client to hold what it should. Each candidate is in at most one list. */
export interface ClientDiff {
  readonly changed: readonly ServedResource[];
  /** Asked for, not existing and not held: to be named in `removed_resources`. */
  readonly absent: readonly string[];
  /** Held and to be withdrawn: to be named in `removed_resources`. */
  readonly removed: readonly string[];
  /** Held and gone, but answered by an empty resource, since the client would ignore the removal. */
  readonly emptied: readonly ServedResource[];
  readonly heldBack: readonly ServedResource[];
  /** What is to be sent once something that it needs is not refused any more: the client has what stands in for it. */
  readonly replaced: readonly ServedResource[];
  /** To be sent once another client has answered for them. */
  readonly awaited: readonly ServedResource[];
  /** Candidates for which nothing is to be done. */
  readonly settled: readonly string[];
}

/** Compares what a client holds with what it should hold. */
export function diffForClient(input: DiffInput): ClientDiff {
  const changed: ServedResource[] = [];
  const absent: string[] = [];
  const removed: string[] = [];
  const emptied: ServedResource[] = [];
  const heldBack: ServedResource[] = [];
  const replaced: ServedResource[] = [];
  const awaited: ServedResource[] = [];
  const settled: string[] = [];
  for (const name of input.candidates) {
    const wanted = input.target(name);
    const held = input.held(name);
    const spared = wanted !== undefined && input.refused(name) === wanted.version;
    const target = spared ? input.lastGood(name) : wanted;
    // What the client has is its last good version, although we no longer have the bytes of it.
    if (spared && (!input.owed(name) || (!target && held !== undefined))) settled.push(name);
    else if (!target) {
      if (input.rule.absent === "empty-assignment" && input.named(name)) {
        const empty = emptyLoadAssignment(name);
        const holdsMore = held !== undefined && held !== empty.version;
        const isLeaving = holdsMore && !input.needed(name);
        const before = input.lastGood(name);
        // The cluster is to go, and its endpoints not before it; but it may be warming, and nothing moves until it has an answer.
        if (isLeaving && input.owed(name) && before) changed.push(before);
        else if (isLeaving || (holdsMore && !input.owed(name))) emptied.push(empty);
        else if (input.owed(name)) changed.push(empty);
        else settled.push(name);
      } else if (held !== undefined) removed.push(name);
      else (input.owed(name) ? absent : settled).push(name);
    } else if (!input.subscribed(name)) settled.push(name);
    else if (!input.owed(name) && held === target.version) settled.push(name);
    else {
      const usable = input.usable(target);
      if (!usable) heldBack.push(target);
      else if (usable !== target && !input.owed(name) && isEnough(input, name, usable)) replaced.push(target);
      else if (!input.owed(name) && input.awaited(usable)) awaited.push(usable);
      else changed.push(usable);
    }
  }
  return { changed, absent, removed, emptied, heldBack, replaced, awaited, settled };
}

/**
 * The client has the stand-in, or refused even that. Where it is believed what it came back with, also that: it may be the last good
 * version, of which we do not have the bytes.
 */
function isEnough(
  { held, refused, lastGood, rule }: DiffInput,
  name: string,
  standIn: ServedResource,
): boolean {
  const version = held(name);
  if (version === standIn.version || refused(name) === standIn.version) return true;
  return rule.trustsReconnect && version !== undefined && !lastGood(name);
}
