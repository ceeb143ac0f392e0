// The keys and certificates that SDS serves: one per identity, shared by all proxies that have it, renewed at half life.
// In: identities held and released, the time. Out: the current secret, and news of each renewal. It knows no stream.

import { formatIdentity, type WorkloadIdentity } from "#identity";
import type { Clock, Timers } from "../clock.ts";
import { accept, type Outcome } from "../outcome.ts";
import type { Refusal } from "../refusal.ts";
import type { KeyedCertificate } from "../signing/index.ts";
import type { Redacted } from "./redacted.ts";
import { Renewal } from "./renewal.ts";

/** The SDS names by Istio's convention: a workload's own certificate, and what it verifies others with. */
export const workloadSecretName = "default";
/** See `workloadSecretName`. */
export const trustBundleSecretName = "ROOTCA";

/** A workload's own certificate and key. */
export interface WorkloadSecret {
  readonly name: typeof workloadSecretName;
  readonly certChainPem: string;
  readonly privateKeyPem: Redacted<string>;
  /** Epoch milliseconds. */
  readonly notAfter: number;
}

/** The roots that a workload verifies its peers with. */
export interface TrustBundleSecret {
  readonly name: typeof trustBundleSecretName;
  readonly trustBundlePem: string;
}

/** One proxy's share of an identity's secret. */
export interface SecretLease {
  readonly identity: WorkloadIdentity;
  /** The secret as it is now; ask again after each renewal. */
  current(): WorkloadSecret;
  /** To be called once when the proxy has gone; further calls do nothing. */
  release(): void;
}

/** News of a renewal, or of a failed attempt (the old certificate is still served). */
export type SecretEvent =
  | { readonly kind: "renewed"; readonly identity: WorkloadIdentity; readonly notAfter: number }
  | { readonly kind: "renewal-failed"; readonly identity: WorkloadIdentity; readonly refusal: Refusal };

/** What the keeper works with. */
export interface SecretSources {
  readonly issue: (identity: WorkloadIdentity) => Promise<Outcome<KeyedCertificate, Refusal>>;
  readonly trustBundlePem: string;
  readonly clock: Clock;
  readonly timers: Timers;
}

interface Entry {
  readonly identity: WorkloadIdentity;
  readonly renewal: Renewal;
  holders: number;
}

/** Keeps workload secrets from the first proxy that holds an identity until `close`. */
export class WorkloadSecrets {
  readonly #sources: SecretSources;
  readonly #entries = new Map<string, Promise<Outcome<Entry, Refusal>>>();
  readonly #listeners = new Set<(event: SecretEvent) => void>();
  #closed = false;

  constructor(sources: SecretSources) {
    this.#sources = sources;
  }

  /** The same for every workload. */
  get trustBundle(): TrustBundleSecret {
    return { name: trustBundleSecretName, trustBundlePem: this.#sources.trustBundlePem };
  }

  /**
   * A share of the identity's secret, issued if nobody holds it yet. An identity without holders keeps its certificate
   * until renewal is due, so a proxy that reconnects finds the one it has; then it is dropped instead of renewed.
   */
  async hold(identity: WorkloadIdentity): Promise<Outcome<SecretLease, Refusal>> {
    if (this.#closed) throw new Error("the secrets keeper is closed");
    const uri = formatIdentity(identity);
    const pending = this.#entries.get(uri) ?? this.#begin(uri, identity);
    this.#entries.set(uri, pending);
    const opened = await pending;
    if (!opened.ok) return opened;
    const entry = opened.value;
    if (this.#closed) return accept(leaseOf(entry));
    // The entry may have come due and been dropped between its making and now.
    if (this.#entries.get(uri) !== pending) return this.hold(identity);
    if (entry.renewal.current.renewAt <= this.#sources.clock() && entry.holders === 0) {
      this.#drop(uri, entry);
      return this.hold(identity);
    }
    entry.holders += 1;
    return accept(leaseOf(entry));
  }

  /** Calls `listener` for each renewal and failure from now on; the result stops that. */
  onEvent(listener: (event: SecretEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stops all timers; secrets already handed out stay as they are. */
  close(): void {
    this.#closed = true;
    for (const pending of this.#entries.values()) {
      void pending.then((opened) => opened.ok && opened.value.renewal.stop());
    }
    this.#entries.clear();
    this.#listeners.clear();
  }

  async #begin(uri: string, identity: WorkloadIdentity): Promise<Outcome<Entry, Refusal>> {
    const first = await this.#sources.issue(identity);
    if (!first.ok) {
      // The next one who asks tries again.
      this.#entries.delete(uri);
      return first;
    }
    const { clock, timers } = this.#sources;
    const renewal = new Renewal(first.value, {
      make: () => this.#sources.issue(identity),
      isWanted: () => entry.holders > 0,
      clock,
      timers,
      onRenewed: ({ notAfter }) => this.#tell({ kind: "renewed", identity, notAfter }),
      onFailed: (refusal) => this.#tell({ kind: "renewal-failed", identity, refusal }),
      onGivenUp: () => this.#drop(uri, entry),
    });
    const entry: Entry = { identity, renewal, holders: 0 };
    if (this.#closed) renewal.stop();
    return accept(entry);
  }

  #drop(uri: string, entry: Entry): void {
    entry.renewal.stop();
    this.#entries.delete(uri);
  }

  #tell(event: SecretEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function leaseOf(entry: Entry): SecretLease {
  let released = false;
  return {
    identity: entry.identity,
    current: () => {
      const { certChainPem, privateKeyPem, notAfter } = entry.renewal.current;
      return { name: workloadSecretName, certChainPem, privateKeyPem, notAfter };
    },
    release: () => {
      if (!released) entry.holders -= 1;
      released = true;
    },
  };
}
