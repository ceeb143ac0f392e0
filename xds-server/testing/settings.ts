// Settings of sessions in tests that are not about time.

import type { SessionSettings } from "../stream/session.ts";

/** Short waits, no waiting for other clients, responses of any size. */
export const testSettings: SessionSettings = {
  ackTimeoutMs: 1000,
  removalGraceMs: 100,
  writeTimeoutMs: 1000,
  resubscribeTimeoutMs: 1000,
  canaryWaitMs: 0,
  maxResponseBytes: Number.POSITIVE_INFINITY,
};
