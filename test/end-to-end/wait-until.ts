// Waiting for what must become true.

import { setTimeout as sleep } from "node:timers/promises";

/** Resolves as soon as the condition holds. Rejects after ten seconds, saying what did not happen. */
export async function waitUntil(
  what: string,
  condition: () => boolean | Promise<boolean>,
  details: () => string = () => "",
): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}\n${details()}`);
    await sleep(10);
  }
}

/** What `attempt` gives once `accept` likes it; after five seconds whatever it gives then, for an assertion to show. */
export async function eventually<T>(attempt: () => Promise<T>, accept: (result: T) => boolean): Promise<T> {
  const deadline = Date.now() + 5000;
  for (;;) {
    const result = await attempt();
    if (accept(result) || Date.now() > deadline) return result;
    await sleep(30);
  }
}
