// A PKCS #10 request in, the public key its sender proved to hold out. The names it claims are handed on as claims; its
// wishes about usages and constraints are not even read.

import type { ClaimedName } from "../issuance/index.ts";
import { accept, type Outcome, refuse } from "../outcome.ts";
import { type Refusal, refusal } from "../refusal.ts";
import {
  judgePublicKey,
  type KeyFamily,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
} from "../x509/index.ts";

/** What a verified request amounts to. */
export interface ProvenRequest {
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array;
  readonly keyFamily: KeyFamily;
  readonly claimedNames: readonly ClaimedName[];
}

// An RSA-8192 request with a few names is under 4 kB.
const longestRequest = 16 * 1024;

const block =
  /^\s*-----BEGIN (NEW )?CERTIFICATE REQUEST-----([^-]+)-----END (NEW )?CERTIFICATE REQUEST-----\s*$/;

/** Reads a request in PEM, refuses weak keys, and checks its signature with its own key (proof of possession). */
export async function proveRequest(csrPem: string): Promise<Outcome<ProvenRequest, Refusal>> {
  if (csrPem.length > longestRequest)
    return refuse(refusal("csr-unreadable", `${csrPem.length} characters long`));
  const body = block.exec(csrPem)?.[2];
  if (!body) return refuse(refusal("csr-unreadable", "not one CERTIFICATE REQUEST block in PEM"));
  const request = parse(Buffer.from(body, "base64"));
  if (!request.ok) return request;
  const { csr, claimedNames } = request.value;
  const publicKey = new Uint8Array(csr.publicKey.rawData);
  const family = judgePublicKey(publicKey);
  if (!family.ok) return refuse(refusal("csr-weak-key", family.problem));
  if (!(await isProven(csr))) return refuse(refusal("csr-unproven", "the signature does not verify"));
  return accept({ publicKey, keyFamily: family.value, claimedNames });
}

interface ParsedRequest {
  readonly csr: Pkcs10CertificateRequest;
  readonly claimedNames: readonly ClaimedName[];
}

function parse(der: Uint8Array): Outcome<ParsedRequest, Refusal> {
  try {
    const csr = new Pkcs10CertificateRequest(new Uint8Array(der));
    const claimedNames = Array.from(csr.extensions)
      .filter((extension) => extension instanceof SubjectAlternativeNameExtension)
      .flatMap((extension) => Array.from(extension.names.items))
      .map(({ type, value }) => ({ kind: type === "url" ? "uri" : type, value }));
    return accept({ csr, claimedNames });
  } catch (error) {
    return refuse(refusal("csr-unreadable", error instanceof Error ? error.message : "unreadable"));
  }
}

async function isProven(csr: Pkcs10CertificateRequest): Promise<boolean> {
  try {
    return await csr.verify();
  } catch {
    // A signature algorithm that does not fit the key ends here.
    return false;
  }
}
