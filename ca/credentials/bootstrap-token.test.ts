import { createPrivateKey } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import test from "ava";
import { createLocalJWKSet, decodeJwt, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { openAuthority } from "../index.ts";
import { in2027 } from "../testing/foreign.ts";
import {
  accepted,
  authority,
  freshDirectory,
  manualTime,
  refused,
  reviews,
  reviewsUri,
} from "../testing/world.ts";

const year = 365 * 24 * 3600_000;

test("ok/minted here, verified here, and by anybody with the published key", async (t) => {
  const time = manualTime(in2027);
  const ca = await authority(time);
  const minted = accepted(await ca.mintToken(reviews));
  const token = minted.token.reveal();
  const holder = accepted(await ca.verifyToken(token));
  t.deepEqual(holder.identity, reviews);
  t.is(holder.expiresAt, in2027 + year);
  t.is(minted.expiresAt, in2027 + year);
  const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: [...ca.tokenKeys.keys] }), {
    currentDate: new Date(in2027),
  });
  t.like(payload, {
    iss: "fairlead",
    aud: "fairlead-xds",
    sub: reviewsUri,
    iat: in2027 / 1000,
    jti: holder.tokenId,
  });
});

test("ok/a token outlives the process that minted it", async (t) => {
  const stateDir = freshDirectory();
  const minted = accepted(await (await authority({ stateDir })).mintToken(reviews, 60_000));
  t.true((await (await authority({ stateDir })).verifyToken(minted.token.reveal())).ok);
  t.is(statSync(join(stateDir, "tokens", "token-key.pem")).mode & 0o777, 0o600);
});

test("ok/two tokens for one identity differ, and neither shows itself", async (t) => {
  const ca = await authority(manualTime(in2027));
  const [one, two] = [accepted(await ca.mintToken(reviews)), accepted(await ca.mintToken(reviews))];
  t.not(one.token.reveal(), two.token.reveal());
  t.false(`${inspect(one)}${JSON.stringify(one)}${one.token}`.includes(one.token.reveal().slice(0, 20)));
});

test("fail/after its time", async (t) => {
  const time = manualTime(in2027);
  const ca = await authority(time);
  const token = accepted(await ca.mintToken(reviews, 3600_000)).token.reveal();
  await time.advance(3600_000 - 1000);
  t.true((await ca.verifyToken(token)).ok);
  await time.advance(1000);
  const problem = refused(await ca.verifyToken(token));
  t.is(problem.message, "the token was not accepted");
  t.regex(problem.detail, /ERR_JWT_EXPIRED/);
});

test("fail/of another authority", async (t) => {
  const [ours, theirs] = [await authority(), await authority()];
  const problem = refused(await ours.verifyToken(accepted(await theirs.mintToken(reviews)).token.reveal()));
  t.regex(problem.detail, /not ours/);
});

test("fail/with a claim changed, or with no signature at all", async (t) => {
  const ca = await authority();
  const [header, payload, signature] = accepted(await ca.mintToken(reviews))
    .token.reveal()
    .split(".");
  const admin = {
    ...decodeJwt(`${header}.${payload}.${signature}`),
    sub: "spiffe://cluster.local/ns/kube-system/sa/admin",
  };
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const kid = ca.tokenKeys.keys[0]?.kid;
  const forged = [
    `${header}.${encode(admin)}.${signature}`,
    `${encode({ alg: "none", kid })}.${encode(admin)}.`,
    `${encode({ alg: "none" })}.${encode(admin)}.`,
    // The published key used as a shared secret: the classic confusion of algorithms.
    await new SignJWT(admin)
      .setProtectedHeader({ alg: "HS256", ...(kid === undefined ? {} : { kid }) })
      .sign(Buffer.from(JSON.stringify(ca.tokenKeys.keys[0]))),
  ];
  for (const token of forged) {
    const problem = refused(await ca.verifyToken(token));
    t.is(problem.code, "token-refused");
    t.false(problem.detail.includes("admin"));
  }
});

test("fail/signed by our key, and yet not a bootstrap token", async (t) => {
  const stateDir = freshDirectory();
  const ca = await authority({ stateDir });
  const key = createPrivateKey(readFileSync(join(stateDir, "tokens", "token-key.pem"), "utf8"));
  const kid = ca.tokenKeys.keys[0]?.kid ?? "";
  const now = Math.floor(Date.now() / 1000);
  const good: JWTPayload = {
    iss: "fairlead",
    aud: "fairlead-xds",
    sub: reviewsUri,
    jti: "1",
    iat: now,
    exp: now + 60,
  };
  const sign = (claims: JWTPayload) =>
    new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid }).sign(key);
  t.true((await ca.verifyToken(await sign(good))).ok, "the base of the cases is itself accepted");
  const { exp, jti, ...rest } = good;
  const cases: Record<string, JWTPayload> = {
    "another audience": { ...good, aud: "somebody-else" },
    "another issuer": { ...good, iss: "somebody-else" },
    "no end": { ...rest, ...(jti === undefined ? {} : { jti }) },
    "no id": { ...rest, ...(exp === undefined ? {} : { exp }) },
    "not a workload": { ...good, sub: "spiffe://cluster.local/reviews" },
    "another trust domain": { ...good, sub: "spiffe://evil/ns/default/sa/bookinfo-reviews" },
  };
  for (const [name, claims] of Object.entries(cases)) {
    t.is(refused(await ca.verifyToken(await sign(claims))).code, "token-refused", name);
  }
});

for (const [name, token] of Object.entries({
  nothing: "",
  "not a token": "hello",
  "a long text": "a".repeat(9000),
})) {
  test(`fail/${name}`, async (t) => {
    t.is(refused(await (await authority()).verifyToken(token)).code, "token-refused");
  });
}

test("fail/a token is not minted for another trust domain or for no time", async (t) => {
  const ca = await authority();
  t.is(refused(await ca.mintToken({ ...reviews, trustDomain: "evil" })).code, "foreign-trust-domain");
  for (const ttl of [0, -1, 10, Number.NaN, Number.POSITIVE_INFINITY]) {
    t.is(refused(await ca.mintToken(reviews, ttl)).code, "lifetime-invalid");
  }
});

test("fail/a damaged token key is named and not replaced", async (t) => {
  const stateDir = freshDirectory();
  await authority({ stateDir });
  const file = join(stateDir, "tokens", "token-key.pem");
  writeFileSync(file, "damaged");
  const problems = refused(await openAuthority({ stateDir, trustDomain: "cluster.local" }));
  t.deepEqual(
    problems.map(({ code, where }) => [code, where]),
    [["malformed", file]],
  );
});
