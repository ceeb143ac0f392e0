// What a mistake of ours says of itself in the log; never to a peer.

/** Where it happened, if it says so. */
export function describeFailure(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
