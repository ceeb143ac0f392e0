// The ledger that all streams of a server share: keeps its newest state, tells streams that wait for a verdict when there is
// one, and the server what went into quarantine. What a verdict is, `stream/ledger.ts` decides.

import {
  emptyLedger,
  type Judge,
  type Ledger,
  type LedgerEvent,
  noVerdicts,
  type Quarantined,
  quarantined,
  stepLedger,
  type Verdicts,
} from "../stream/ledger.ts";
import type { ClientNode } from "./codec.ts";
import type { Turns } from "./turns.ts";

/** A stream that a verdict may set going. */
export interface Waiter {
  reconsider(): void;
}

export interface SharedLedger {
  /** What holds for clients of this class. */
  verdicts(ofClass: string): Verdicts;
  record(event: LedgerEvent): void;
  /** The stream knows all verdicts that there are. Whether it has to be told of the next. */
  setWaiting(waiter: Waiter, waits: boolean): void;
  /** It may be trying something for others, who wait for what it answers. */
  isTrying(judge: Judge): boolean;
  /** Another client of its class has begun to try something since then: what this one is given may have to wait for the answer. */
  isAnotherTrying(judge: Judge, since: number): boolean;
  /** All refused versions, whether or not anybody should still have them. */
  quarantined(): readonly Quarantined[];
}

/** An empty ledger. `onQuarantine` is told of each version once; streams are told of verdicts when it is their turn. */
export function createSharedLedger(
  turns: Turns,
  onQuarantine: (judge: Judge, resources: readonly Quarantined[]) => void,
): SharedLedger {
  let ledger: Ledger = emptyLedger;
  const waiting = new Set<Waiter>();
  const called = turns.line<Waiter>("verdict", (waiter) => waiter.reconsider());
  /** Connections that were the first to be sent something, and when, until they have all there is. */
  const trying = new Map<string, { readonly class: string; readonly at: number }>();

  return {
    verdicts: (ofClass) => ledger.get(ofClass) ?? noVerdicts,
    record(event) {
      const before = ledger;
      ledger = stepLedger(before, event);
      const { connectionId, class: ofClass } = event.judge;
      if (event.kind === "rested") trying.delete(connectionId);
      else if (event.kind === "sent" && ledger !== before)
        trying.set(connectionId, { class: ofClass, at: event.at });
      if (ledger === before || event.kind === "sent") return;
      if (event.kind === "refused") {
        const known = new Set(quarantined(before));
        const fresh = quarantined(ledger).filter((each) => !known.has(each));
        if (fresh.length > 0) onQuarantine(event.judge, fresh);
      }
      called.add(waiting);
      waiting.clear();
    },
    setWaiting(waiter, waits) {
      called.forget(waiter);
      if (waits) waiting.add(waiter);
      else waiting.delete(waiter);
    },
    isTrying: ({ connectionId }) => trying.has(connectionId),
    isAnotherTrying: (judge, since) => {
      for (const [connectionId, { class: ofClass, at }] of trying)
        if (at > since && ofClass === judge.class && connectionId !== judge.connectionId) return true;
      return false;
    },
    quarantined: () => quarantined(ledger),
  };
}

/** Clients of one class are the same software in the same version, and so judge a resource alike. */
export function judgeOf(connectionId: string, { id, userAgentName, userAgentVersion }: ClientNode): Judge {
  return { connectionId, nodeId: id, class: `${userAgentName} ${userAgentVersion}` };
}
