// Bootstrap tokens: signed JWTs that let one proxy say which workload it is before it has a certificate. In: a token
// key, an identity or a token, the time. Out: a token, or the identity in it. A refused token is never quoted.

import { errors, jwtVerify, SignJWT } from "jose";
import { formatIdentity, parseIdentity, type WorkloadIdentity } from "#identity";
import type { Clock, Entropy } from "../clock.ts";
import { accept, type Outcome, refuse } from "../outcome.ts";
import { type Refusal, refusal } from "../refusal.ts";
import { Redacted } from "../secrets/redacted.ts";
import type { TokenKey } from "./token-key.ts";

const issuer = "fairlead";
const audience = "fairlead-xds";

/**
 * One year. Stock Envoy reads its token from its bootstrap and has nobody to fetch the next one, so a token must
 * outlive the machine's reboots and its quiet months; who redeploys more often passes a shorter one.
 */
export const defaultTokenTtlMs = 365 * 24 * 60 * 60 * 1000;

// A token of ours has about 400 characters.
const longestToken = 8 * 1024;

/** A token to hand out, and until when it is good (epoch milliseconds). */
export interface MintedToken {
  readonly token: Redacted<string>;
  readonly expiresAt: number;
}

/** For whom, and for how long (milliseconds; absent: `defaultTokenTtlMs`). */
export interface TokenWish {
  readonly identity: WorkloadIdentity;
  readonly ttlMs?: number | undefined;
}

/** Who a token speaks for. */
export interface TokenHolder {
  readonly identity: WorkloadIdentity;
  /** The token's `jti`: names it in logs without giving it away. */
  readonly tokenId: string;
  readonly expiresAt: number;
}

/** Claims: `iss` fairlead, `aud` fairlead-xds, `sub` the SPIFFE URI, `iat`, `exp`, `jti`; ES256, `kid` in the header. */
export async function mintToken(
  key: TokenKey,
  trustDomains: readonly string[],
  wish: TokenWish,
  sources: { readonly clock: Clock; readonly entropy: Entropy },
): Promise<Outcome<MintedToken, Refusal>> {
  const { identity, ttlMs = defaultTokenTtlMs } = wish;
  const subject = formatIdentity(identity);
  if (!trustDomains.includes(identity.trustDomain)) {
    return refuse(refusal("foreign-trust-domain", `${subject} is not in ${trustDomains.join(", ")}`));
  }
  if (!(ttlMs >= 1000 && Number.isFinite(ttlMs))) {
    return refuse(refusal("lifetime-invalid", `asked for ${ttlMs} ms`));
  }
  const issuedAt = Math.floor(sources.clock() / 1000);
  const expiresAt = issuedAt + Math.floor(ttlMs / 1000);
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: "ES256", typ: "JWT", kid: key.id })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(subject)
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .setJti(Buffer.from(sources.entropy(16)).toString("hex"))
    .sign(key.signing);
  return accept({ token: new Redacted(token), expiresAt: expiresAt * 1000 });
}

/** Every failure looks the same to the peer; the refusal's `detail` tells them apart in the log. */
export async function verifyToken(
  keys: readonly TokenKey[],
  trustDomains: readonly string[],
  token: string,
  clock: Clock,
): Promise<Outcome<TokenHolder, Refusal>> {
  if (token.length > longestToken) return no(`${token.length} characters long`);
  try {
    const { payload } = await jwtVerify(token, ({ kid }) => keyFor(keys, kid), {
      algorithms: ["ES256"],
      issuer,
      audience,
      currentDate: new Date(clock()),
      requiredClaims: ["exp", "iat", "jti", "sub"],
    });
    const { sub = "", jti = "", exp = 0 } = payload;
    const identity = parseIdentity(sub);
    if (!identity) return no(`sub ${JSON.stringify(sub)} is not a workload's SPIFFE ID`);
    if (!trustDomains.includes(identity.trustDomain))
      return no(`${sub} is not in ${trustDomains.join(", ")}`);
    return accept({ identity, tokenId: jti, expiresAt: exp * 1000 });
  } catch (error) {
    if (error instanceof UnknownKey)
      return no("signed by a key that is not ours (was the state directory replaced?)");
    if (error instanceof errors.JOSEError) return no(`${error.code}: ${error.message}`);
    throw error;
  }
}

class UnknownKey extends Error {}

function keyFor(keys: readonly TokenKey[], id: string | undefined): TokenKey["verifying"] {
  const key = keys.find((candidate) => candidate.id === id);
  if (!key) throw new UnknownKey();
  return key.verifying;
}

function no(detail: string) {
  return refuse(refusal("token-refused", detail));
}
