// What the control plane needs of a certificate authority. The adapter to the real one is in certificates.ts.

import type { EmittedResource } from "#compiler";
import type { WorkloadIdentity } from "#identity";
import type { Authenticate, ServingCertificates } from "#xds-server";

export interface Authority {
  readonly authenticate: Authenticate;
  /**
   * The workload's certificate with its key (`default`) and the mesh's roots (`ROOTCA`) for a proven identity;
   * `onRenewed` is called when either has a new version. The same objects until then.
   */
  secretsFor(
    identity: WorkloadIdentity,
    onRenewed: () => void,
  ): Promise<{ current(): readonly EmittedResource[]; release(): void }>;
  /** When its root and the certificate that it signs with end, in milliseconds since the epoch. */
  readonly expiry: { readonly root: number; readonly chain: number };
  serving(): ServingCertificates;
  /** Called when the serving certificate or the roots have changed. */
  onServingChanged(listener: () => void): void;
  close(): void;
}
