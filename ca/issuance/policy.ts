// What a certificate may say, decided before any key is touched. In: who asks, for how long, the time, the issuing
// chain's own validity and random bytes. Out: the plan or a refusal. Pure: no clock, no randomness, no X.509.

import { formatIdentity, type WorkloadIdentity } from "#identity";
import { accept, type Outcome, refuse } from "../outcome.ts";
import { type Refusal, refusal } from "../refusal.ts";
import { serialNumberFrom } from "./serial-number.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** The operator's limits, in milliseconds. */
export interface IssuancePolicy {
  /** Lifetime when the peer asks for none. */
  readonly defaultTtlMs: number;
  /** Longest lifetime given; a longer wish is shortened to this, not refused. */
  readonly maximumTtlMs: number;
  /** How far before "now" a certificate begins. */
  readonly backdateMs: number;
}

/**
 * 24 h by default and 90 days at most, as with Istio. Certificates begin two minutes early: clocks of real meshes were
 * seen 5 to 30 s apart (istio#32176), and a verifier whose clock is behind must not take a new certificate for one
 * from the future. More would only lengthen the life of a stolen certificate.
 */
export const defaultPolicy: IssuancePolicy = {
  defaultTtlMs: 24 * hour,
  maximumTtlMs: 90 * 24 * hour,
  backdateMs: 2 * minute,
};

/** When every certificate from the issuing one up to the root is valid, in epoch milliseconds. */
export interface IssuingWindow {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** A validity in epoch milliseconds on whole seconds, as X.509 writes them, and the time to replace it. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
  readonly renewAt: number;
}

/** One authenticated wish. `identity` comes from the peer's credentials, never from its request. */
export interface IssuanceRequest {
  readonly identity: WorkloadIdentity;
  /** Absent or 0: the default. */
  readonly requestedTtlMs?: number | undefined;
  readonly now: number;
  /** At least 16 unpredictable bytes. */
  readonly entropy: Uint8Array;
}

/** Everything about the certificate that is not a key. */
export interface IssuancePlan extends Validity {
  /** The only subject alternative name. */
  readonly uri: string;
  /** Lower-case hexadecimal, positive. */
  readonly serialNumber: string;
}

/** The rules an issuer works under. */
export interface IssuanceRules {
  readonly policy: IssuancePolicy;
  readonly window: IssuingWindow;
  /** The mesh's trust domain and its aliases. */
  readonly trustDomains: readonly string[];
}

/** Decides what to issue to an authenticated workload. */
export function planIssuance(request: IssuanceRequest, rules: IssuanceRules): Outcome<IssuancePlan, Refusal> {
  const uri = formatIdentity(request.identity);
  if (!rules.trustDomains.includes(request.identity.trustDomain)) {
    const served = rules.trustDomains.join(", ");
    return refuse(refusal("foreign-trust-domain", `${uri} is not in ${served}`));
  }
  const validity = planValidity(request.requestedTtlMs, request.now, rules);
  if (!validity.ok) return validity;
  return accept({ uri, serialNumber: serialNumberFrom(request.entropy), ...validity.value });
}

/**
 * The validity alone. It never leaves the issuing window: a leaf that outlives its issuer stops verifying before its
 * own end, and one that begins before it would look valid to nobody. Renewal is at half of what is left of it from
 * now; the backdated part has already passed and does not count.
 */
export function planValidity(
  requestedTtlMs: number | undefined,
  now: number,
  { policy, window }: Pick<IssuanceRules, "policy" | "window">,
): Outcome<Validity, Refusal> {
  const requested = requestedTtlMs || policy.defaultTtlMs;
  if (!(requested >= second && Number.isFinite(requested)) || Number.isNaN(requestedTtlMs)) {
    return refuse(refusal("lifetime-invalid", `asked for ${requestedTtlMs} ms`));
  }
  const notBefore = wholeSecond(Math.max(now - policy.backdateMs, window.notBefore));
  const notAfter = wholeSecond(Math.min(now + Math.min(requested, policy.maximumTtlMs), window.notAfter));
  if (notAfter <= now) {
    return refuse(
      refusal("issuer-expired", `the issuing chain ended ${secondsBetween(window.notAfter, now)} s ago`),
    );
  }
  if (notBefore > now) {
    return refuse(
      refusal("issuer-expired", `the issuing chain begins in ${secondsBetween(now, window.notBefore)} s`),
    );
  }
  return accept({ notBefore, notAfter, renewAt: Math.floor(now + (notAfter - now) / 2) });
}

function wholeSecond(ms: number): number {
  return Math.floor(ms / second) * second;
}

function secondsBetween(earlier: number, later: number): number {
  return Math.round((later - earlier) / second);
}
