// The certificate authority: who a peer is, what it may be issued, and the secrets that prove it to others.

export { type Authority, type AuthorityOptions, openAuthority } from "./authority.ts";
export type { Clock, Entropy, Timers } from "./clock.ts";
export { defaultTokenTtlMs, type MintedToken, peerChain, type TokenHolder } from "./credentials/index.ts";
export { defaultPolicy, type IssuancePolicy } from "./issuance/index.ts";
export type { Outcome } from "./outcome.ts";
export type { Refusal, RefusalCode } from "./refusal.ts";
export {
  type AuthorityProblem,
  type AuthorityProblemCode,
  type PluggedIn,
  type PluggedInPaths,
  pluggedInNames,
  renderAuthorityProblem,
} from "./root/index.ts";
export {
  Redacted,
  type SecretEvent,
  type SecretLease,
  type TrustBundleSecret,
  tlsCertificateSecret,
  trustBundleSecretName,
  validationSecret,
  type WorkloadSecret,
  WorkloadSecrets,
  workloadSecretName,
} from "./secrets/index.ts";
export type { ServingCertificate } from "./serving-certificate.ts";
export { type IssuedCertificate, type KeyedCertificate, servingNames } from "./signing/index.ts";
