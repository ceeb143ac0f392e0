// Repeatable randomness: one number starts a sequence, so that a case can be run again by its number.

export interface Random {
  /** At least 0, below 1. */
  fraction(): number;
  /** At least 0, below `limit`. */
  below(limit: number): number;
  /** Throws for an empty list. */
  pick<T>(items: readonly T[]): T;
  chance(probability: number): boolean;
}

/** The mulberry32 generator: fast, and random enough to choose mutations by. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(fraction() * limit);
  return {
    fraction,
    below,
    chance: (probability) => fraction() < probability,
    pick: (items) => {
      if (items.length === 0) throw new Error("nothing to pick from");
      return items[below(items.length)] as (typeof items)[number];
    },
  };
}
