// The names a certificate request claims, against the identity its sender proved. In: both. Out: a refusal, or nothing.
// Whatever the answer, no claimed name ever reaches a certificate.

import { formatIdentity, type WorkloadIdentity } from "#identity";
import { type Refusal, refusal } from "../refusal.ts";

/** A subject alternative name as the request writes it. */
export interface ClaimedName {
  readonly kind: string;
  readonly value: string;
}

/**
 * A request may name nothing, or exactly its sender's own identity. Anything else would be ignored anyway; it is
 * refused because whoever asked for it would otherwise learn only from failing handshakes that it is not there.
 */
export function judgeClaimedNames(
  claimed: readonly ClaimedName[],
  identity: WorkloadIdentity,
): Refusal | undefined {
  const own = formatIdentity(identity);
  const foreign = claimed.filter((name) => name.kind !== "uri" || name.value !== own);
  if (foreign.length === 0) return undefined;
  const list = foreign.map((name) => `${name.kind}:${JSON.stringify(name.value)}`).join(", ");
  return refusal("csr-names-mismatch", `${own} asked for ${list.slice(0, 500)}`);
}
