// The certificate of Fairlead's own TLS port over time. In: how to issue it. Out: the current one, and a call after each
// renewal, so that the port can take the new one for new connections.

import type { Clock, Timers } from "./clock.ts";
import { accept, type Outcome } from "./outcome.ts";
import type { Refusal } from "./refusal.ts";
import { Renewal } from "./secrets/index.ts";
import { issueServingCertificate, type KeyedCertificate, type SigningContext } from "./signing/index.ts";

/** Kept fresh until `stop`. */
export interface ServingCertificate {
  current(): KeyedCertificate;
  /** Calls `listener` with each new certificate; the result stops that. */
  onRenewed(listener: (certificate: KeyedCertificate) => void): () => void;
  /** Calls `listener` for each attempt that failed; the old certificate is still served. */
  onFailed(listener: (refusal: Refusal) => void): () => void;
  stop(): void;
}

/** Issues it for the usual names and `extraNames`, and keeps it fresh. */
export async function keepServingCertificate(
  context: SigningContext,
  extraNames: readonly string[],
  sources: { readonly clock: Clock; readonly timers: Timers },
): Promise<Outcome<ServingCertificate, Refusal>> {
  const make = () => issueServingCertificate(context, extraNames);
  const first = await make();
  if (!first.ok) return first;
  const renewed = new Set<(certificate: KeyedCertificate) => void>();
  const failed = new Set<(refusal: Refusal) => void>();
  const renewal = new Renewal(first.value, {
    ...sources,
    make,
    isWanted: () => true,
    onGivenUp: () => {},
    onRenewed: (certificate) => {
      for (const listener of renewed) listener(certificate);
    },
    onFailed: (refusal) => {
      for (const listener of failed) listener(refusal);
    },
  });
  return accept({
    current: () => renewal.current,
    onRenewed: (listener) => subscribe(renewed, listener),
    onFailed: (listener) => subscribe(failed, listener),
    stop: () => renewal.stop(),
  });
}

function subscribe<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
