// The identity in a client certificate. In: the chain as the peer sent it, our roots and the time. Out: the identity, or
// a refusal. The TLS layer's own verdict is not asked for: grpc-js before 1.14.5 passed on unverified certificates.

import type { DetailedPeerCertificate } from "node:tls";
import { parseIdentity, type WorkloadIdentity } from "#identity";
import { accept, type Outcome, refuse } from "../outcome.ts";
import { type Refusal, refusal } from "../refusal.ts";
import { type Certificate, findPath, KeyUsage, Purpose, readCertificate } from "../x509/index.ts";

/** Whom we trust, and when. */
export interface PeerTrust {
  readonly roots: readonly Certificate[];
  /** The mesh's trust domain first, then its aliases. */
  readonly trustDomains: readonly string[];
  /** Epoch milliseconds. */
  readonly now: number;
}

// A leaf, three intermediates and a root are usual; each one costs signature checks.
const longestChain = 10;

/** `chainDer` is leaf first, in DER. Follows RFC 5280 section 6 and the SPIFFE X509-SVID rules 4 and 5. */
export function identityFromCertificate(
  chainDer: readonly Uint8Array[],
  trust: PeerTrust,
): Outcome<WorkloadIdentity, Refusal> {
  if (chainDer.length > longestChain) return no(`a chain of ${chainDer.length} certificates`);
  const chain: Certificate[] = [];
  for (const [index, der] of chainDer.entries()) {
    const read = readCertificate(der);
    if (!read.ok) return no(`certificate ${index + 1}: ${read.problem}`);
    chain.push(read.value);
  }
  const [leaf, ...intermediates] = chain;
  if (!leaf) return no("no certificate");
  const path = findPath({ leaf, intermediates, roots: trust.roots, now: trust.now });
  if (!path.ok) return no(path.problem);
  const purpose = purposeFault(leaf);
  if (purpose) return no(purpose);
  return identityIn(leaf, trust.trustDomains);
}

/** The chain of a TLS socket's `getPeerCertificate(true)`, leaf first, in DER; empty if the peer sent none. */
export function peerChain(peer: DetailedPeerCertificate | undefined): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  const seen = new Set<DetailedPeerCertificate>();
  // A root's issuer is itself: the object refers to itself there.
  for (let at = peer; at?.raw && !seen.has(at); at = at.issuerCertificate) {
    seen.add(at);
    chain.push(at.raw);
  }
  return chain;
}

function purposeFault(leaf: Certificate): string | undefined {
  if (leaf.ca) return "a CA certificate does not speak for a workload";
  if (leaf.extendedKeyUsage && !leaf.extendedKeyUsage.includes(Purpose.clientAuth)) {
    return "the certificate is not for TLS clients (extendedKeyUsage lacks clientAuth)";
  }
  if (leaf.keyUsage !== undefined && !(leaf.keyUsage & KeyUsage.digitalSignature)) {
    return "the certificate's key may not sign (keyUsage lacks digitalSignature)";
  }
  return undefined;
}

function identityIn(leaf: Certificate, trustDomains: readonly string[]): Outcome<WorkloadIdentity, Refusal> {
  const [uri, ...more] = leaf.uris;
  if (uri === undefined || more.length > 0) return no(`${leaf.uris.length} URI names instead of one`);
  const identity = parseIdentity(uri);
  if (!identity) return no(`${JSON.stringify(uri)} is not a workload's SPIFFE ID`);
  if (!trustDomains.includes(identity.trustDomain)) return no(`${uri} is not in ${trustDomains.join(", ")}`);
  return accept(identity);
}

function no(detail: string) {
  return refuse(refusal("certificate-refused", detail));
}
