// The certificate authority as one object. In: where the keys come from and the mesh's trust domain. Out: everything the
// runtime asks of it, or all that is wrong with the keys. It knows no transport and no policy file.

import type { JWK } from "jose";
import type { WorkloadIdentity } from "#identity";
import { type Clock, type Entropy, systemClock, systemEntropy, systemTimers, type Timers } from "./clock.ts";
import {
  identityFromCertificate,
  type MintedToken,
  mintToken,
  openTokenKey,
  type TokenHolder,
  verifyToken,
} from "./credentials/index.ts";
import { defaultPolicy, type IssuancePolicy } from "./issuance/index.ts";
import { makeKeys } from "./key-pair.ts";
import { accept, type Outcome, refuse } from "./outcome.ts";
import type { Refusal } from "./refusal.ts";
import {
  type AuthorityProblem,
  type Issuer,
  openPluggedIn,
  openSelfSigned,
  type PluggedIn,
} from "./root/index.ts";
import { WorkloadSecrets } from "./secrets/index.ts";
import { keepServingCertificate, type ServingCertificate } from "./serving-certificate.ts";
import {
  type IssuedCertificate,
  issueWorkloadCertificate,
  type KeyedCertificate,
  type SigningContext,
  signCsr,
} from "./signing/index.ts";

/** Where the authority's keys are, and what it may say. */
export interface AuthorityOptions {
  /** Directory for the root (`ca/`) and the token key (`tokens/`); absent: both live in memory and end with the process. */
  readonly stateDir?: string | undefined;
  /** An operator's CA; absent: a root of our own. */
  readonly plugged?: PluggedIn | undefined;
  readonly trustDomain: string;
  /** Trust domains whose identities are ours as well. */
  readonly trustDomainAliases?: readonly string[] | undefined;
  /** Limits that differ from `defaultPolicy`. */
  readonly policy?: Partial<IssuancePolicy> | undefined;
  /** Host names and IP addresses, besides `servingNames`, under which proxies dial the TLS port. */
  readonly servingNames?: readonly string[] | undefined;
  readonly clock?: Clock | undefined;
  readonly timers?: Timers | undefined;
  readonly entropy?: Entropy | undefined;
}

/** A running authority. Times are epoch milliseconds. */
export interface Authority {
  readonly trustDomain: string;
  /** PEM of all roots that workloads must trust. */
  readonly trustBundlePem: string;
  /** Until when the issuing chain is good; no certificate outlives it. */
  readonly issuerNotAfter: number;
  /** Until when the root above it is good. */
  readonly rootNotAfter: number;
  /** What works and should be looked at: files that others can read, a chain that expires soon. */
  readonly warnings: readonly AuthorityProblem[];
  /** JSON Web Key Set (RFC 7517) of the token keys' public halves. */
  readonly tokenKeys: { readonly keys: readonly JWK[] };
  /** The TLS port's own certificate. */
  readonly serving: ServingCertificate;
  /** What SDS serves. */
  readonly secrets: WorkloadSecrets;
  /** A key and a certificate for an authenticated workload. */
  issue(identity: WorkloadIdentity, ttlMs?: number): Promise<Outcome<KeyedCertificate, Refusal>>;
  /** A certificate for the key of a PKCS #10 request (PEM). */
  signCsr(
    csrPem: string,
    identity: WorkloadIdentity,
    ttlMs?: number,
  ): Promise<Outcome<IssuedCertificate, Refusal>>;
  /** A bootstrap token; `ttlMs` is `defaultTokenTtlMs` if absent. */
  mintToken(identity: WorkloadIdentity, ttlMs?: number): Promise<Outcome<MintedToken, Refusal>>;
  verifyToken(token: string): Promise<Outcome<TokenHolder, Refusal>>;
  /** The chain a TLS peer sent, leaf first, in DER. */
  identityFromCertificate(chainDer: readonly Uint8Array[]): Outcome<WorkloadIdentity, Refusal>;
  /** Stops renewals. */
  close(): void;
}

/** Loads or makes the keys; nothing is made where something unreadable lies. */
export async function openAuthority(
  options: AuthorityOptions,
): Promise<Outcome<Authority, readonly AuthorityProblem[]>> {
  const clock = options.clock ?? systemClock;
  const timers = options.timers ?? systemTimers;
  const entropy = options.entropy ?? systemEntropy;
  const policy = { ...defaultPolicy, ...options.policy };
  const trustDomains = [options.trustDomain, ...(options.trustDomainAliases ?? [])];

  const issuer = await openIssuer(options, {
    now: clock(),
    backdateMs: policy.backdateMs,
    entropy: entropy(16),
  });
  const tokenKey = await openTokenKey(options.stateDir, async () => (await makeKeys()).privateKeyPem);
  if (!issuer.ok || !tokenKey.ok) {
    return refuse([...(issuer.ok ? [] : issuer.problem), ...(tokenKey.ok ? [] : tokenKey.problem)]);
  }
  const context: SigningContext = { issuer: issuer.value, policy, trustDomains, clock, entropy };
  const serving = await keepServingCertificate(context, options.servingNames ?? [], { clock, timers });
  if (!serving.ok) {
    const { message, detail } = serving.problem;
    const help = "Check the authority's remaining lifetime and the limits it was given.";
    return refuse([
      { code: "expired", where: "the TLS port's certificate", message: `${message}: ${detail}`, help },
    ]);
  }

  const { roots, rootNotAfter, trustBundlePem, window, warnings } = issuer.value;
  const issue = (identity: WorkloadIdentity, ttlMs?: number) =>
    issueWorkloadCertificate(context, identity, ttlMs);
  const secrets = new WorkloadSecrets({ issue, trustBundlePem, clock, timers });
  return accept({
    trustDomain: options.trustDomain,
    trustBundlePem,
    issuerNotAfter: window.notAfter,
    rootNotAfter,
    warnings: [...warnings, ...tokenKey.value.warnings],
    tokenKeys: tokenKey.value.published,
    serving: serving.value,
    secrets,
    issue,
    signCsr: (csrPem, identity, ttlMs) => signCsr(context, csrPem, identity, ttlMs),
    mintToken: (identity, ttlMs) =>
      mintToken(tokenKey.value, trustDomains, { identity, ttlMs }, { clock, entropy }),
    verifyToken: (token) => verifyToken([tokenKey.value], trustDomains, token, clock),
    identityFromCertificate: (chainDer) =>
      identityFromCertificate(chainDer, { roots, trustDomains, now: clock() }),
    close: () => {
      secrets.close();
      serving.value.stop();
    },
  });
}

function openIssuer(
  { plugged, stateDir, trustDomain }: AuthorityOptions,
  wish: { readonly now: number; readonly backdateMs: number; readonly entropy: Uint8Array },
): Promise<Outcome<Issuer, readonly AuthorityProblem[]>> {
  return plugged ? openPluggedIn(plugged, wish.now) : openSelfSigned(stateDir, { ...wish, trustDomain });
}
