// Keeps one certificate fresh. In: how to make it, the clock and the timers. Out: the current one, now and after each
// renewal. While making fails it keeps the old one and tries again; it does not know what the certificate is for.

import type { Clock, Timers } from "../clock.ts";
import type { Outcome } from "../outcome.ts";
import type { Refusal } from "../refusal.ts";
import type { KeyedCertificate } from "../signing/index.ts";

/** What a renewal works with. */
export interface RenewalSources {
  readonly make: () => Promise<Outcome<KeyedCertificate, Refusal>>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly onRenewed: (certificate: KeyedCertificate) => void;
  /** Asked when renewal is due: a certificate that nobody wants any more is given up instead. */
  readonly isWanted: () => boolean;
  readonly onGivenUp: () => void;
  /** Called for each failed attempt; the old certificate stays. */
  readonly onFailed: (refusal: Refusal) => void;
}

// A timer sleeps while the machine does and cannot be set for more than 24.8 days, so the wall clock is looked at again
// and again rather than once: a laptop that wakes up renews within ten minutes.
const longestSleepMs = 10 * 60 * 1000;
const retryMs = 30 * 1000;
// A CA about to expire gives ever shorter certificates; their renewal must not become a busy loop.
const shortestSleepMs = 1000;

/** Holds a certificate and replaces it when its time has come, until `stop`. */
export class Renewal {
  readonly #sources: RenewalSources;
  #current: KeyedCertificate;
  #cancel: (() => void) | undefined;
  #stopped = false;

  constructor(first: KeyedCertificate, sources: RenewalSources) {
    this.#current = first;
    this.#sources = sources;
    this.#sleep(first.renewAt - sources.clock());
  }

  get current(): KeyedCertificate {
    return this.#current;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  #sleep(ms: number): void {
    const bounded = Math.min(Math.max(ms, shortestSleepMs), longestSleepMs);
    this.#cancel = this.#sources.timers(() => void this.#wake(), bounded);
  }

  async #wake(): Promise<void> {
    const { clock, make, isWanted, onGivenUp, onFailed, onRenewed } = this.#sources;
    const left = this.#current.renewAt - clock();
    if (left > 0) return this.#sleep(left);
    if (!isWanted()) return onGivenUp();
    const made = await make();
    if (this.#stopped) return;
    if (!made.ok) {
      this.#sleep(retryMs);
      return onFailed(made.problem);
    }
    this.#current = made.value;
    this.#sleep(made.value.renewAt - clock());
    onRenewed(made.value);
  }
}
