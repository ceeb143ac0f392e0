// Spreads a storm of new streams over time: more than a rate are held for a moment, never refused. In: arrivals. Out: when
// each may go on. Knows nothing of what a stream is.

/** Lets `perSecond` arrivals through each second, with a burst of a second's worth, in the order of arrival. */
export function createAdmission(perSecond: number, now: () => number): () => Promise<void> {
  const gapMs = 1_000 / perSecond;
  let free = now() - 1_000;
  return () => {
    const time = now();
    free = Math.max(free, time - 1_000) + gapMs;
    const wait = free - time;
    return wait <= 0 ? Promise.resolve() : new Promise((done) => setTimeout(done, wait));
  };
}
