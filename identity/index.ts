// SPIFFE identity as one closed type. In: a URI. Out: its parts, and back. Nobody else knows the URI's shape.

/** A workload's identity: `spiffe://<trustDomain>/ns/<namespace>/sa/<serviceAccount>`. */
export interface WorkloadIdentity {
  readonly trustDomain: string;
  readonly namespace: string;
  readonly serviceAccount: string;
}

const segment = "[A-Za-z0-9._-]+";
const workloadUri = new RegExp(`^spiffe://(${segment})/ns/(${segment})/sa/(${segment})$`);

/** The inverse of `formatIdentity`; undefined for anything that is not a workload's SPIFFE ID in Istio's form. */
export function parseIdentity(uri: string): WorkloadIdentity | undefined {
  const [, trustDomain, namespace, serviceAccount] = workloadUri.exec(uri) ?? [];
  if (!trustDomain || !namespace || !serviceAccount) return undefined;
  return { trustDomain, namespace, serviceAccount };
}

/** The URI that goes into a certificate's SAN and into Envoy's matchers. */
export function formatIdentity(identity: WorkloadIdentity): string {
  return `spiffe://${identity.trustDomain}/ns/${identity.namespace}/sa/${identity.serviceAccount}`;
}

/** Whether both name the same workload identity. */
export function sameIdentity(a: WorkloadIdentity, b: WorkloadIdentity): boolean {
  return (
    a.trustDomain === b.trustDomain && a.namespace === b.namespace && a.serviceAccount === b.serviceAccount
  );
}
