// The orderly end: no new connections, streams ended one after the other so that their clients do not all arrive at the
// next replica at once, then whatever is left is cut.

import type { AdsStream } from "./ads-stream.ts";
import type { Listener } from "./listener.ts";

/** Time for the last statuses to reach their clients. */
const flushMs = 500;

/** Resolves when nothing is open any more, at the latest shortly after `drainMs`. */
export async function shutDown(
  streams: ReadonlySet<AdsStream>,
  listeners: readonly Listener[],
  drainMs: number,
): Promise<void> {
  // What is left is cut below: later here, which on a busy machine would be in the middle of the last statuses.
  for (const listener of listeners) listener.drain(drainMs + 20 * flushMs);
  const open = [...streams];
  const gapMs = drainMs / Math.max(1, open.length);
  const start = performance.now();
  for (const [index, stream] of open.entries()) {
    const wait = start + index * gapMs - performance.now();
    if (wait > 1) await delay(wait);
    stream.end("UNAVAILABLE", "the server is shutting down");
  }
  const closed = Promise.all(listeners.map((listener) => listener.closed()));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((done) => {
    timer = setTimeout(done, flushMs);
  });
  await Promise.race([closed, late]);
  clearTimeout(timer);
  for (const listener of listeners) listener.destroy();
}

function delay(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
