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

/** A stream that a verdict may set going. */
export interface Waiter {
  reconsider(): void;
}

export interface SharedLedger {
  /** What holds for clients of this class. */
  verdicts(ofClass: string): Verdicts;
  record(event: LedgerEvent): void;
  /** Whether the stream has to be told of verdicts from now on. */
  setWaiting(waiter: Waiter, waits: boolean): void;
  /** Whether some stream waits for a verdict. */
  isAwaited(): boolean;
  /** All refused versions, whether or not anybody should still have them. */
  quarantined(): readonly Quarantined[];
}

/** An empty ledger. `onQuarantine` is told of each version once. */
export function createSharedLedger(
  onQuarantine: (judge: Judge, resources: readonly Quarantined[]) => void,
): SharedLedger {
  let ledger: Ledger = emptyLedger;
  const waiting = new Set<Waiter>();
  let scheduled = false;

  /** Answers that arrive together are taken in together before anybody is told. */
  const tellWaiting = () => {
    if (scheduled || waiting.size === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      for (const waiter of [...waiting]) waiter.reconsider();
    });
  };

  return {
    verdicts: (ofClass) => ledger.get(ofClass) ?? noVerdicts,
    record(event) {
      const before = ledger;
      ledger = stepLedger(before, event);
      if (ledger === before || event.kind === "sent") return;
      if (event.kind === "refused") {
        const known = new Set(quarantined(before));
        const fresh = quarantined(ledger).filter((each) => !known.has(each));
        if (fresh.length > 0) onQuarantine(event.judge, fresh);
      }
      tellWaiting();
    },
    setWaiting(waiter, waits) {
      if (waits) waiting.add(waiter);
      else waiting.delete(waiter);
    },
    isAwaited: () => waiting.size > 0,
    quarantined: () => quarantined(ledger),
  };
}

/** Clients of one class are the same software in the same version, and so judge a resource alike. */
export function judgeOf(connectionId: string, { id, userAgentName, userAgentVersion }: ClientNode): Judge {
  return { connectionId, nodeId: id, class: `${userAgentName} ${userAgentVersion}` };
}
