// From a certificate up to a root we trust, by RFC 5280 section 6 as far as a mesh needs it. In: the certificate, what
// came along with it, the roots and the time. Out: the path, or why there is none. Names and purposes are not judged.

import { accept, type Outcome, refuse } from "../outcome.ts";
import type { Certificate } from "./certificate.ts";
import { KeyUsage } from "./identifiers.ts";
import { judgeKey } from "./key-strength.ts";

/** What is to be verified. `now` is in epoch milliseconds. */
export interface PathQuestion {
  readonly leaf: Certificate;
  /** Untrusted helpers, in any order; roots among them prove nothing. */
  readonly intermediates: readonly Certificate[];
  readonly roots: readonly Certificate[];
  readonly now: number;
}

const longestPath = 6;

interface Search {
  readonly question: PathQuestion;
  /** Each certificate is climbed once, so a hostile set of look-alike issuers costs its square in signatures at most. */
  readonly seen: Set<Certificate>;
  readonly reasons: string[];
}

/** The path, leaf first and trusted root last. A leaf that is itself a trusted root is a path of one. */
export function findPath(question: PathQuestion): Outcome<readonly Certificate[], string> {
  const search: Search = { question, seen: new Set(), reasons: [] };
  const path = climb([question.leaf], search);
  if (path) return accept(path);
  return refuse(search.reasons.at(-1) ?? `no issuer of ${nameOf(question.leaf)} leads to a trusted root`);
}

function climb(path: readonly Certificate[], search: Search): readonly Certificate[] | undefined {
  const { question, seen, reasons } = search;
  const current = path.at(-1);
  if (!current || seen.has(current) || path.length > longestPath) return undefined;
  seen.add(current);
  const fault =
    faultOf(current, question.now) ?? (path.length > 1 ? issuerFault(current, path.length - 2) : undefined);
  if (fault) {
    reasons.push(`${nameOf(current)} ${fault}`);
    return undefined;
  }
  if (question.roots.some((root) => sameBytes(root, current))) return path;
  if (!current.strongSignature) {
    reasons.push(`${nameOf(current)} is signed with an algorithm that is too weak`);
    return undefined;
  }
  for (const issuer of [...question.roots, ...question.intermediates]) {
    if (!current.native.checkIssued(issuer.native) || !current.native.verify(issuer.publicKey)) continue;
    const found = climb([...path, issuer], search);
    if (found) return found;
  }
  return undefined;
}

function faultOf(certificate: Certificate, now: number): string | undefined {
  if (now < certificate.notBefore)
    return `is not valid before ${new Date(certificate.notBefore).toISOString()}`;
  if (now > certificate.notAfter) return `expired at ${new Date(certificate.notAfter).toISOString()}`;
  const unknown = certificate.unknownCritical[0];
  if (unknown) return `has the critical extension ${unknown}, which is not supported`;
  const key = judgeKey(certificate.publicKey);
  return key.ok ? undefined : `has a key that is not accepted: ${key.problem}`;
}

/** Why a certificate may not sign others (RFC 5280 6.1.4 k to n); `below` is the number of CA certificates under it. */
export function issuerFault(certificate: Certificate, below: number): string | undefined {
  if (!certificate.ca) return "is not a CA certificate (basicConstraints CA:TRUE is missing)";
  if (certificate.keyUsage !== undefined && !(certificate.keyUsage & KeyUsage.keyCertSign)) {
    return "may not sign certificates (its keyUsage lacks keyCertSign)";
  }
  if (certificate.pathLength !== undefined && below > certificate.pathLength) {
    return `allows ${certificate.pathLength} CA certificates below it (pathlen), and there are ${below}`;
  }
  return undefined;
}

function nameOf(certificate: Certificate): string {
  return certificate.subject
    ? `the certificate of "${certificate.subject}"`
    : "the certificate without a subject";
}

function sameBytes(a: Certificate, b: Certificate): boolean {
  return Buffer.compare(a.der, b.der) === 0;
}
