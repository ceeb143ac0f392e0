// Secrets that are kept fresh, and their form on the wire.

export { tlsCertificateSecret, validationSecret } from "./envoy-secret.ts";
export { Redacted } from "./redacted.ts";
export { Renewal, type RenewalSources } from "./renewal.ts";
export {
  type SecretEvent,
  type SecretLease,
  type SecretSources,
  type TrustBundleSecret,
  trustBundleSecretName,
  type WorkloadSecret,
  WorkloadSecrets,
  workloadSecretName,
} from "./workload-secrets.ts";
