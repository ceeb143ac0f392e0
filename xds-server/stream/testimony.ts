// From a session's effects to what the ledger can learn from them. Decides nothing.

import type { Judge, LedgerEvent } from "./ledger.ts";
import type { SessionEffect } from "./session.ts";
import type { SessionStatus } from "./status.ts";

/** What an effect of `judge`'s session says of resource versions; undefined where it says nothing. */
export function testimonyOf(effect: SessionEffect, judge: Judge, at: number): LedgerEvent | undefined {
  switch (effect.kind) {
    case "send": {
      const { typeUrl, resources } = effect.response;
      return { kind: "sent", judge, typeUrl, resources, at };
    }
    case "status":
      return statusTestimony(effect.status, judge, at);
    case "close":
      return { kind: "rested", judge };
  }
}

function statusTestimony(status: SessionStatus, judge: Judge, at: number): LedgerEvent | undefined {
  switch (status.kind) {
    case "acked":
      return { kind: "accepted", judge, typeUrl: status.typeUrl, resources: status.resources };
    case "nacked": {
      const { typeUrl, resources, certain, message } = status;
      return { kind: "refused", judge, typeUrl, resources, certain, message, at };
    }
    case "in-sync":
      return { kind: "rested", judge };
    case "spared":
    case "stale-nonce":
    case "overdue":
    case "endpoints-overdue":
    case "secret-withheld":
    case "not-resubscribed":
      return undefined;
  }
}
