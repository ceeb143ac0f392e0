// Whether what is seen is as promised, now or soon.

import { setTimeout as sleep } from "node:timers/promises";

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
