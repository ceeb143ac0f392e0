// Workload certificates. In: an issuer, an authenticated identity, perhaps a request. Out: the certificate, with its
// key if we made it, or a refusal.

import type { WorkloadIdentity } from "#identity";
import type { Clock, Entropy } from "../clock.ts";
import {
  type IssuancePlan,
  type IssuancePolicy,
  judgeClaimedNames,
  planIssuance,
  type Validity,
} from "../issuance/index.ts";
import { makeKeys } from "../key-pair.ts";
import { accept, type Outcome, refuse } from "../outcome.ts";
import type { Refusal } from "../refusal.ts";
import type { Issuer } from "../root/index.ts";
import type { Redacted } from "../secrets/redacted.ts";
import { type KeyFamily, NameKind, Purpose } from "../x509/index.ts";
import { signLeaf } from "./certificate-profile.ts";
import { proveRequest } from "./certificate-request.ts";

/** A certificate and until when it is good (epoch milliseconds). */
export interface IssuedCertificate extends Validity {
  /** The leaf first, then what stands between it and the root; the root is in the trust bundle. */
  readonly certChainPem: string;
  readonly serialNumber: string;
}

/** A certificate with the key that was made for it (PKCS #8 in PEM). */
export interface KeyedCertificate extends IssuedCertificate {
  readonly privateKeyPem: Redacted<string>;
}

/** An issuer and the rules and sources it works with. */
export interface SigningContext {
  readonly issuer: Issuer;
  readonly policy: IssuancePolicy;
  /** The mesh's trust domain first, then its aliases. */
  readonly trustDomains: readonly string[];
  readonly clock: Clock;
  readonly entropy: Entropy;
}

// A sidecar is a server to its callers and a client to its upstreams with one certificate.
const purposes = [Purpose.serverAuth, Purpose.clientAuth];

/** Makes an ECDSA P-256 key and a certificate for it. */
export async function issueWorkloadCertificate(
  context: SigningContext,
  identity: WorkloadIdentity,
  requestedTtlMs?: number,
): Promise<Outcome<KeyedCertificate, Refusal>> {
  const plan = planFor(context, identity, requestedTtlMs);
  if (!plan.ok) return plan;
  const keys = await makeKeys();
  const issued = await sign(context.issuer, plan.value, keys.publicKey, "ec");
  return accept({ ...issued, privateKeyPem: keys.privateKeyPem });
}

/** Signs the key of a PKCS #10 request (PEM) for the identity its sender proved; the names in it decide nothing. */
export async function signCsr(
  context: SigningContext,
  csrPem: string,
  identity: WorkloadIdentity,
  requestedTtlMs?: number,
): Promise<Outcome<IssuedCertificate, Refusal>> {
  const request = proveRequest(csrPem);
  if (!request.ok) return request;
  const mismatch = judgeClaimedNames(request.value.claimedNames, identity);
  if (mismatch) return refuse(mismatch);
  const plan = planFor(context, identity, requestedTtlMs);
  if (!plan.ok) return plan;
  return accept(await sign(context.issuer, plan.value, request.value.publicKey, request.value.keyFamily));
}

function planFor(context: SigningContext, identity: WorkloadIdentity, requestedTtlMs: number | undefined) {
  const request = { identity, requestedTtlMs, now: context.clock(), entropy: context.entropy(16) };
  const { policy, trustDomains } = context;
  return planIssuance(request, { policy, window: context.issuer.window, trustDomains });
}

async function sign(
  issuer: Issuer,
  plan: IssuancePlan,
  publicKey: Uint8Array,
  keyFamily: KeyFamily,
): Promise<IssuedCertificate> {
  const { uri, serialNumber, notBefore, notAfter, renewAt } = plan;
  const validity = { notBefore, notAfter, renewAt };
  const names = [{ kind: NameKind.uri, bytes: Buffer.from(uri) }];
  const certChainPem = await signLeaf(issuer, {
    publicKey,
    keyFamily,
    serialNumber,
    validity,
    names,
    purposes,
  });
  return { certChainPem, serialNumber, ...validity };
}
