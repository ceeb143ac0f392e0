// The orderly end: no new connections, streams ended one after the other so that their clients do not all arrive at the
// next replica at once, then whatever is left is cut. grpc-js waits for open streams for ever by itself (grpc-node#1458).

import { type Server as GrpcServer, status } from "@grpc/grpc-js";
import type { AdsStream } from "./ads-stream.ts";
import type { Listener } from "./listener.ts";

/** Time for the last statuses to reach their clients. */
const flushMs = 500;

/** Resolves when nothing is open any more, at the latest shortly after `drainMs`. */
export async function shutDown(
  streams: ReadonlySet<AdsStream>,
  listeners: readonly { readonly listener: Listener; readonly grpc: GrpcServer }[],
  drainMs: number,
): Promise<void> {
  // What is left is cut below. grpc-js would cut it with a status of its own, in the middle of ours on a busy machine.
  for (const { listener } of listeners) listener.drain(drainMs + 20 * flushMs);
  const open = [...streams];
  const gapMs = drainMs / Math.max(1, open.length);
  const start = performance.now();
  for (const [index, stream] of open.entries()) {
    const wait = start + index * gapMs - performance.now();
    if (wait > 1) await delay(wait);
    stream.end(status.UNAVAILABLE, "the server is shutting down");
  }
  // `tryShutdown` takes a session that is about to close for closed: by itself it would not wait for the last statuses.
  const closed = Promise.all(
    listeners.flatMap(({ listener, grpc }) => [
      new Promise<void>((done) => grpc.tryShutdown(() => done())),
      listener.closed(),
    ]),
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((done) => {
    timer = setTimeout(done, flushMs);
  });
  await Promise.race([closed, late]);
  clearTimeout(timer);
  for (const { listener, grpc } of listeners) {
    listener.destroy();
    grpc.forceShutdown();
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
