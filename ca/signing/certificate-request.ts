// A PKCS #10 request in, the public key its sender proved to hold out. The names it claims are handed on as claims; its
// wishes about usages and constraints are not even read.

import type { ClaimedName } from "../issuance/index.ts";
import { accept, type Outcome, refuse } from "../outcome.ts";
import { type Refusal, refusal } from "../refusal.ts";
import {
  type AlternativeName,
  judgeKey,
  type KeyFamily,
  NameKind,
  provesPossession,
  readRequest,
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
export function proveRequest(csrPem: string): Outcome<ProvenRequest, Refusal> {
  if (csrPem.length > longestRequest)
    return refuse(refusal("csr-unreadable", `${csrPem.length} characters long`));
  const body = block.exec(csrPem)?.[2];
  if (!body) return refuse(refusal("csr-unreadable", "not one CERTIFICATE REQUEST block in PEM"));
  return prove(Buffer.from(body, "base64"));
}

function prove(der: Uint8Array): Outcome<ProvenRequest, Refusal> {
  try {
    const { publicKey, names } = readRequest(der);
    const family = judgeKey(publicKey);
    if (!family.ok) return refuse(refusal("csr-weak-key", family.problem));
    if (!provesPossession(der, publicKey)) {
      return refuse(refusal("csr-unproven", "the signature does not verify, or is not of SHA-256 or better"));
    }
    return accept({
      // Written anew, so that nothing but the key gets into a certificate.
      publicKey: publicKey.export({ type: "spki", format: "der" }),
      keyFamily: family.value,
      claimedNames: names.map(claimedName),
    });
  } catch (error) {
    return refuse(refusal("csr-unreadable", error instanceof Error ? error.message : "unreadable"));
  }
}

function claimedName({ kind, bytes }: AlternativeName): ClaimedName {
  const text = Buffer.from(bytes).toString("latin1");
  switch (kind) {
    case NameKind.uri:
      return { kind: "uri", value: text };
    case NameKind.dns:
      return { kind: "dns", value: text };
    case NameKind.email:
      return { kind: "email", value: text };
    default: {
      const name = kind === NameKind.ip ? "ip" : `kind ${kind}`;
      return { kind: name, value: Buffer.from(bytes).toString("hex") };
    }
  }
}
