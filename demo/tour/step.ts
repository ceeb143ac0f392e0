// One step of the tour: a promise of the product, put to the test on the running mesh.

import { setTimeout as sleep } from "node:timers/promises";
import type { Tour } from "./tour.ts";

export interface Step {
  /** What is promised, as a sentence without a full stop. */
  readonly title: string;
  /** Says in a few words what was seen. Throws a `NotAsPromised` otherwise. Leaves the files as they were. */
  run(tour: Tour): Promise<string>;
}

/** The message says what was seen instead. */
export class NotAsPromised extends Error {}

/** Throws a `NotAsPromised` unless the condition holds. */
export function promise(holds: boolean, seenInstead: string): asserts holds {
  if (!holds) throw new NotAsPromised(seenInstead);
}

/**
 * Looks until what is seen is as promised, and gives it. After two seconds it throws a `NotAsPromised` with what was seen
 * last. For changes that connections made before them may outlive for a request.
 */
export async function soon<T>(
  look: () => Promise<T>,
  asPromised: (seen: T) => boolean,
  describe: (seen: T) => string,
): Promise<T> {
  const deadline = performance.now() + 2000;
  for (;;) {
    const seen = await look();
    if (asPromised(seen)) return seen;
    promise(performance.now() < deadline, describe(seen));
    await sleep(20);
  }
}
