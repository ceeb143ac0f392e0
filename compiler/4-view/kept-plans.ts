// Plans that stay the same objects: for a client or proxy from mesh to mesh, and among them, of which most have the same. In: what
// was planned anew. Out: what somebody has that is equal, else the same as what became of something like it.

import { rearranged, replaceItems } from "#immutable";
import { Living } from "../model/living.ts";
import { sameItems } from "../model/memo.ts";
import type { MeshConfig } from "../model/mesh-config.ts";

/** `instead`: what `who` had, where `made` is known to be another and comes from it by a step. */
type Keep<P> = (config: MeshConfig, who: object, name: string, made: P, instead?: P) => P;

/** So many different ones are looked at that others have. */
const several = 32;

/**
 * Of each name the last plan of everybody is remembered, and the last few of all, as long as somebody has them. `relate` gives what
 * is not equal a relation to one of theirs, where it can.
 */
export function keepPlans<P extends object>(
  equal: (before: P, now: P) => boolean,
  relate: (now: P, others: readonly P[]) => P | undefined = () => undefined,
): Keep<P> {
  const own = new WeakMap<object, Living<P>>();
  const shared = new WeakMap<MeshConfig, Living<P>>();
  return (config, who, name, made, instead) => {
    const mine = own.getOrInsertComputed(who, () => new Living<P>());
    const [before] = mine.named(name);
    if (before && !instead && equal(before, made)) return before;
    const ofAll = shared.getOrInsertComputed(config, () => new Living<P>(several));
    const others = ofAll.named(name);
    const kept = instead
      ? made
      : (others.find((other) => equal(other, made)) ?? relate(made, others) ?? made);
    mine.put(name, kept);
    // Who is yet to come looks at the newest first, and not at what a step has replaced.
    ofAll.put(name, kept, instead);
    return kept;
  };
}

function first<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** For lists that name their items. They are written, judged and encoded where they differ from another's. */
export function keepLists<T>(nameOf: (item: T) => string): Keep<readonly T[]> {
  const inPlace = (now: readonly T[], other: readonly T[]): readonly T[] | undefined => {
    if (now.length !== other.length) return undefined;
    const items = new Map<number, T>();
    for (const [place, item] of now.entries()) {
      const there = other[place] as T;
      if (there === item) continue;
      if (nameOf(there) !== nameOf(item)) return undefined;
      items.set(place, item);
    }
    return replaceItems(other, items);
  };
  return keepPlans<readonly T[]>(sameItems, (now, others) => {
    const [newest] = others;
    return first(others, (other) => inPlace(now, other)) ?? (newest && rearranged(newest, now));
  });
}
