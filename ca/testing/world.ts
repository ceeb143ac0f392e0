// Builders for this folder's tests: a time that stands still until told, authorities with defaults, the good value of an
// outcome. Only tests import it.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WorkloadIdentity } from "#identity";
import type { Authority, AuthorityOptions } from "../authority.ts";
import { openAuthority } from "../authority.ts";
import type { Clock, Timers } from "../clock.ts";

/** The identity that most tests are about, and its URI. */
export const reviews: WorkloadIdentity = {
  trustDomain: "cluster.local",
  namespace: "default",
  serviceAccount: "bookinfo-reviews",
};
/** `reviews` as a URI. */
export const reviewsUri = "spiffe://cluster.local/ns/default/sa/bookinfo-reviews";

/** A fresh directory under the system's temporary one; gone, with the keys in it, when the test process ends. */
export function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "fairlead-ca-"));
  if (directories.length === 0) process.once("exit", removeDirectories);
  directories.push(directory);
  return directory;
}

const directories: string[] = [];

function removeDirectories(): void {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
}

/** A clock and timers that move only by `advance`. */
export interface ManualTime {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Moves time on, firing what is due in order and letting its promises settle. */
  advance(ms: number): Promise<void>;
  /** How many timers are armed. */
  pending(): number;
}

/** Starts at `start`, epoch milliseconds. */
export function manualTime(start: number): ManualTime {
  let now = start;
  const armed = new Set<{ readonly at: number; readonly callback: () => void }>();
  return {
    clock: () => now,
    timers: (callback, delayMs) => {
      const timer = { at: now + delayMs, callback };
      armed.add(timer);
      return () => armed.delete(timer);
    },
    pending: () => armed.size,
    advance: async (ms) => {
      const end = now + ms;
      for (;;) {
        const [next] = [...armed].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (!next) break;
        armed.delete(next);
        now = next.at;
        const before = armed.size;
        next.callback();
        // Key generation runs on other threads, so promises alone do not tell when a renewal is over: it re-arms.
        for (let turn = 0; turn < 400 && armed.size === before; turn++) {
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      }
      now = end;
    },
  };
}

/** An authority in memory, or a test failure. */
export async function authority(options: Partial<AuthorityOptions> = {}): Promise<Authority> {
  const opened = await openAuthority({ trustDomain: "cluster.local", ...options });
  if (!opened.ok) throw new Error(JSON.stringify(opened.problem));
  return opened.value;
}

/** The good value of an outcome, or a test failure. */
export function accepted<T>(outcome: {
  readonly ok: boolean;
  readonly value?: T;
  readonly problem?: unknown;
}): T {
  if (!outcome.ok || outcome.value === undefined)
    throw new Error(`refused: ${JSON.stringify(outcome.problem)}`);
  return outcome.value;
}

/** The problem of an outcome, or a test failure. */
export function refused<P>(outcome: { readonly ok: boolean; readonly problem?: P }): P {
  if (outcome.ok || outcome.problem === undefined) throw new Error("accepted, though it should not be");
  return outcome.problem;
}
