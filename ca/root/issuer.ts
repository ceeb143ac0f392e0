// Key material in, an issuer out: every claim the files make about each other is checked here, and all that is wrong is
// told at once. It does not know where the material lies, only what to call each piece.

import type { IssuingWindow } from "../issuance/index.ts";
import { accept, type Outcome, refuse } from "../outcome.ts";
import type { Redacted } from "../secrets/redacted.ts";
import { type Certificate, findPath, issuerFault, readCertificates, type SigningKey } from "../x509/index.ts";
import type { AuthorityProblem, AuthorityProblemCode } from "./authority-problem.ts";
import { readSigningKey } from "./private-key.ts";

/** A piece of material and what to call it in a message. */
export interface Piece<T = string> {
  readonly where: string;
  readonly text: T;
}

/** What makes an issuer. For a self-signed one `root` and `certificate` are the same text. */
export interface IssuerMaterial {
  /** One or more roots: the trust bundle that peers get. */
  readonly root: Piece;
  readonly certificate: Piece;
  /** What stands between `certificate` and a root; it may repeat either of them, as Istio's file does. */
  readonly chain: Piece | undefined;
  readonly key: Piece<Redacted<string>>;
}

/** Something that can sign for workloads. */
export interface Issuer {
  readonly certificate: Certificate;
  readonly signingKey: SigningKey;
  /** PEM of what a peer needs between a leaf and a root, the issuing certificate first; empty for a root. */
  readonly chainPem: string;
  readonly roots: readonly Certificate[];
  /** Of the root above the issuing certificate, epoch milliseconds. */
  readonly rootNotAfter: number;
  /** PEM of all roots. */
  readonly trustBundlePem: string;
  /** When the whole path is valid. */
  readonly window: IssuingWindow;
  /** What works today and should be looked at. */
  readonly warnings: readonly AuthorityProblem[];
}

const warnBeforeMs = 90 * 24 * 60 * 60 * 1000;

/** Checks the material and makes the issuer. `now` in epoch milliseconds. */
export function buildIssuer(
  material: IssuerMaterial,
  now: number,
): Outcome<Issuer, readonly AuthorityProblem[]> {
  const problems: AuthorityProblem[] = [];
  const roots = readPiece(material.root, problems);
  // A self-signed root is one text in both places; what is wrong with it is told once.
  const own = material.certificate === material.root ? roots : readPiece(material.certificate, problems);
  const chain = material.chain ? readPiece(material.chain, problems) : [];
  const key = readKey(material.key, problems);
  const certificate = own[0];
  if (!certificate || !key || problems.length > 0) return refuse(problems);

  const say = (code: AuthorityProblemCode, message: string, help: string): void => {
    problems.push({ code, where: material.certificate.where, message, help });
  };
  if (!certificate.publicKey.equals(key.publicKey)) {
    const help = `Put the key that belongs to the certificate in ${material.key.where}.`;
    say("key-mismatch", `the certificate is for another key than the one in ${material.key.where}`, help);
  }
  const fault = issuerFault(certificate, 0);
  if (fault) say("not-a-ca", `the certificate ${fault}`, "Have it issued as a CA certificate.");
  if (now > certificate.notAfter) {
    say("expired", `the certificate expired at ${iso(certificate.notAfter)}`, "Renew it, with its chain.");
  }
  if (problems.length > 0) return refuse(problems);

  const path = findPath({ leaf: certificate, intermediates: [...own.slice(1), ...chain], roots, now });
  if (!path.ok) {
    const help = `Check that ${(material.chain ?? material.root).where} holds every certificate up to the root.`;
    return refuse([
      {
        code: "no-path-to-root",
        where: material.certificate.where,
        message: `the certificate does not lead to a root in ${material.root.where}: ${path.problem}`,
        help,
      },
    ]);
  }
  const window = {
    notBefore: Math.max(...path.value.map((link) => link.notBefore)),
    notAfter: Math.min(...path.value.map((link) => link.notAfter)),
  };
  return accept({
    certificate,
    signingKey: key,
    chainPem: path.value
      .slice(0, -1)
      .map((link) => link.pem)
      .join(""),
    roots,
    rootNotAfter: path.value.at(-1)?.notAfter ?? window.notAfter,
    trustBundlePem: [...new Set(roots.map((root) => root.pem))].join(""),
    window,
    warnings: [...expiryWarnings(material, window, now), ...staleRoots(material.root, roots, now)],
  });
}

function readPiece(piece: Piece, problems: AuthorityProblem[]): readonly Certificate[] {
  const read = readCertificates(piece.text);
  if (read.ok) return read.value;
  const help =
    "Restore the file: nothing is made anew while it is there, because every workload trusts this CA.";
  problems.push({ code: "malformed", where: piece.where, message: read.problem, help });
  return [];
}

function readKey(piece: Piece<Redacted<string>>, problems: AuthorityProblem[]): SigningKey | undefined {
  const read = readSigningKey(piece.text.reveal());
  if (read.ok) return read.value;
  const code = read.problem.includes("not accepted") ? "weak-key" : "malformed";
  const help = "Put the CA's own key there, unencrypted, RSA (2048 bits or more) or ECDSA.";
  problems.push({ code, where: piece.where, message: read.problem, help });
  return undefined;
}

function expiryWarnings(material: IssuerMaterial, window: IssuingWindow, now: number): AuthorityProblem[] {
  if (window.notAfter - now > warnBeforeMs) return [];
  return [
    {
      code: "expired",
      where: material.certificate.where,
      message: `the certificate or its chain expires at ${iso(window.notAfter)}`,
      help: "Renew it in time: no certificate outlives it.",
    },
  ];
}

function staleRoots(piece: Piece, roots: readonly Certificate[], now: number): AuthorityProblem[] {
  return roots
    .filter((root) => root.notAfter < now)
    .map((root) => ({
      code: "expired",
      where: piece.where,
      message: `the root "${root.subject}" expired at ${iso(root.notAfter)}`,
      help: "Take it out of the bundle.",
    }));
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
