// The key that signs bootstrap tokens: its own, so that whoever can mint a token still cannot sign a certificate. In:
// the state directory. Out: the pair, and the public half for anyone who verifies tokens elsewhere.

import { createPrivateKey, createPublicKey, type webcrypto } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, type JWK } from "jose";
import { accept, type Outcome, refuse } from "../outcome.ts";
import { type AuthorityProblem, loadOrCreate } from "../root/index.ts";
import { Redacted } from "../secrets/redacted.ts";

const folder = "tokens";
const keyFile = "token-key.pem";
const publicFile = "token-keys.json";
const p256 = { name: "ECDSA", namedCurve: "P-256" };

/** A key pair for ES256. The private half cannot be exported from here. */
export interface TokenKey {
  /** RFC 7638 thumbprint; each token names it. */
  readonly id: string;
  readonly signing: webcrypto.CryptoKey;
  readonly verifying: webcrypto.CryptoKey;
  /** A JSON Web Key Set (RFC 7517) with the public half. */
  readonly published: { readonly keys: readonly JWK[] };
}

/** The key in `<stateDir>/tokens/`, made there the first time; without a state directory one in memory. */
export async function openTokenKey(
  stateDir: string | undefined,
  generatePem: () => Promise<Redacted<string>>,
): Promise<
  Outcome<TokenKey & { readonly warnings: readonly AuthorityProblem[] }, readonly AuthorityProblem[]>
> {
  if (stateDir === undefined) {
    const key = await readTokenKey((await generatePem()).reveal(), "memory");
    return key.ok ? accept({ ...key.value, warnings: [] }) : refuse([key.problem]);
  }
  const loaded = await loadOrCreate(stateDir, folder, [keyFile], async () => {
    const pem = await generatePem();
    const key = await readTokenKey(pem.reveal(), "a new key");
    if (!key.ok) throw new Error(key.problem.message);
    const published = `${JSON.stringify(key.value.published, undefined, 2)}\n`;
    return { [keyFile]: pem, [publicFile]: new Redacted(published) };
  });
  if (!loaded.ok) return loaded;
  const pem = loaded.value.files[keyFile];
  if (!pem) throw new Error("a loaded state folder holds every file it was asked for");
  const key = await readTokenKey(pem.reveal(), `${stateDir}/${folder}/${keyFile}`);
  return key.ok ? accept({ ...key.value, warnings: loaded.value.warnings }) : refuse([key.problem]);
}

async function readTokenKey(pem: string, where: string): Promise<Outcome<TokenKey, AuthorityProblem>> {
  try {
    const key = createPrivateKey(pem);
    const published = createPublicKey(key);
    const verifying = published.toCryptoKey(p256, true, ["verify"]);
    const jwk = await exportJWK(verifying);
    const id = await calculateJwkThumbprint(jwk);
    const signing = key.toCryptoKey(p256, false, ["sign"]);
    return accept({
      id,
      signing,
      verifying,
      published: { keys: [{ ...jwk, kid: id, alg: "ES256", use: "sig" }] },
    });
  } catch {
    const message = "not an ECDSA P-256 private key in PEM";
    const help = `Restore it from a backup. If it is lost: move its folder away, which voids every token minted so far.`;
    return refuse({ code: "malformed", where, message, help });
  }
}
