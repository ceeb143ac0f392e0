import test from "ava";
import { Redacted } from "../secrets/index.ts";
import {
  caExtensions,
  ecKeys,
  type Foreign,
  foreign,
  foreignCa,
  in2027,
  rsaKeys,
  traditionalPem,
} from "../testing/foreign.ts";
import { accepted, refused } from "../testing/world.ts";
import { KeyUsage } from "../x509/index.ts";
import { buildIssuer, type IssuerMaterial } from "./index.ts";

function material(ca: Foreign, root: Foreign = ca, over: Partial<IssuerMaterial> = {}): IssuerMaterial {
  return {
    root: { where: "root-cert.pem", text: root.certPem },
    certificate: { where: "ca-cert.pem", text: ca.certPem },
    chain: undefined,
    key: { where: "ca-key.pem", text: new Redacted(ca.keyPem) },
    ...over,
  };
}

const codes = (outcome: ReturnType<typeof buildIssuer>) =>
  refused(outcome).map(({ code, where }) => `${where} ${code}`);
const chainOf = (...list: Foreign[]) => ({
  where: "cert-chain.pem",
  text: list.map((c) => c.certPem).join(""),
});

test("ok/a self-signed root sends no chain", async (t) => {
  const ca = await foreignCa();
  const issuer = accepted(buildIssuer(material(ca), in2027));
  t.is(issuer.chainPem, "");
  t.is(issuer.trustBundlePem, ca.certPem);
  t.deepEqual(issuer.warnings, []);
});

test("ok/a chain of three, in any order and with the root repeated as Istio's file has it", async (t) => {
  const root = await foreignCa({ subject: "CN=root", notAfter: "2028-01-01T00:00:00Z" });
  const upper = await foreignCa({ subject: "CN=upper", issuer: root });
  const lower = await foreignCa({ subject: "CN=lower", issuer: upper });
  for (const chain of [chainOf(upper), chainOf(lower, upper, root), chainOf(root, upper)]) {
    const issuer = accepted(buildIssuer(material(lower, root, { chain }), in2027));
    t.is(issuer.chainPem, lower.certPem + upper.certPem);
    t.is(issuer.trustBundlePem, root.certPem);
    t.is(issuer.window.notAfter, Date.parse("2028-01-01T00:00:00Z"), "the shortest life of the path");
  }
});

test("ok/keys as older tools write them", async (t) => {
  for (const keys of [ecKeys(), rsaKeys()]) {
    const ca = await foreignCa({ keys });
    const key = { where: "ca-key.pem", text: new Redacted(traditionalPem(ca.keyPem)) };
    t.true(buildIssuer(material(ca, ca, { key }), in2027).ok);
  }
});

test("ok/two roots in the bundle, one of them old: a warning", async (t) => {
  const ca = await foreignCa();
  const old = await foreignCa({ subject: "CN=old", notAfter: "2026-06-01T00:00:00Z" });
  const root = { where: "root-cert.pem", text: old.certPem + ca.certPem };
  const issuer = accepted(buildIssuer(material(ca, ca, { root }), in2027));
  t.deepEqual(
    issuer.warnings.map(({ code, message }) => [code, message]),
    [["expired", 'the root "CN=old" expired at 2026-06-01T00:00:00.000Z']],
  );
});

test("ok/a chain that ends within 90 days: a warning", async (t) => {
  const ca = await foreignCa({ notAfter: "2027-03-01T00:00:00Z" });
  t.is(accepted(buildIssuer(material(ca), in2027)).warnings[0]?.code, "expired");
});

test("fail/the key is another one", async (t) => {
  const ca = await foreignCa();
  const key = { where: "ca-key.pem", text: new Redacted((await foreignCa()).keyPem) };
  t.deepEqual(codes(buildIssuer(material(ca, ca, { key }), in2027)), ["ca-cert.pem key-mismatch"]);
});

test("fail/several things at once are told at once", async (t) => {
  const leaf = await foreign({ notAfter: "2026-02-01T00:00:00Z" });
  const key = { where: "ca-key.pem", text: new Redacted((await foreignCa()).keyPem) };
  t.deepEqual(codes(buildIssuer(material(leaf, leaf, { key }), in2027)), [
    "ca-cert.pem key-mismatch",
    "ca-cert.pem not-a-ca",
    "ca-cert.pem expired",
  ]);
});

test("fail/pieces that cannot be read, each by its name, and no key quoted", async (t) => {
  const ca = await foreignCa();
  const broken = ca.certPem.replace(/\n[^\n]+\n-----END/, "\n-----END");
  const all = buildIssuer(
    {
      root: { where: "root-cert.pem", text: broken },
      certificate: { where: "ca-cert.pem", text: "" },
      chain: { where: "cert-chain.pem", text: "-----BEGIN CERTIFICATE-----\n" },
      key: { where: "ca-key.pem", text: new Redacted(ca.keyPem.replace("BEGIN", "START")) },
    },
    in2027,
  );
  t.deepEqual(codes(all), [
    "root-cert.pem malformed",
    "ca-cert.pem malformed",
    "cert-chain.pem malformed",
    "ca-key.pem malformed",
  ]);
  const body = ca.keyPem.split("\n")[1] ?? "";
  t.false(JSON.stringify(all).includes(body.slice(0, 20)));
});

test("fail/an encrypted key", async (t) => {
  const keys = ecKeys();
  const ca = await foreignCa({ keys });
  const encrypted = keys.privateKey.export({
    type: "pkcs8",
    format: "pem",
    cipher: "aes-256-cbc",
    passphrase: "x",
  });
  const key = { where: "ca-key.pem", text: new Redacted(encrypted.toString()) };
  t.regex(refused(buildIssuer(material(ca, ca, { key }), in2027))[0]?.message ?? "", /encrypted/);
});

test("fail/a weak key", async (t) => {
  const ca = await foreignCa({ keys: rsaKeys(1024) });
  t.deepEqual(codes(buildIssuer(material(ca), in2027)), ["ca-key.pem weak-key"]);
});

test("fail/a CA that may not sign certificates", async (t) => {
  const ca = await foreignCa({ extensions: caExtensions(undefined, KeyUsage.cRLSign) });
  t.deepEqual(codes(buildIssuer(material(ca), in2027)), ["ca-cert.pem not-a-ca"]);
});

test("fail/no path: another root, a gap, a root that allows no CA below it, an expired link", async (t) => {
  const root = await foreignCa({ subject: "CN=root" });
  const narrow = await foreignCa({ subject: "CN=root", extensions: caExtensions(0), keys: root.keys });
  const upper = await foreignCa({ subject: "CN=upper", issuer: root });
  const lower = await foreignCa({ subject: "CN=lower", issuer: upper });
  const stale = await foreignCa({
    subject: "CN=upper",
    issuer: root,
    keys: upper.keys,
    notAfter: "2026-02-01T00:00:00Z",
  });
  const cases = {
    "another root of the same name": material(upper, await foreignCa({ subject: "CN=root" })),
    "a gap": material(lower, root),
    "pathlen:0": material(lower, narrow, { chain: chainOf(upper) }),
    "an expired link": material(lower, root, { chain: chainOf(stale) }),
  };
  for (const [name, input] of Object.entries(cases)) {
    t.deepEqual(codes(buildIssuer(input, in2027)), ["ca-cert.pem no-path-to-root"], name);
  }
});

test("fail/a link signed with SHA-1", async (t) => {
  const root = await foreignCa({ subject: "CN=root", keys: rsaKeys() });
  const ca = await foreignCa({ subject: "CN=ca", issuer: root, hash: "SHA-1" });
  t.regex(refused(buildIssuer(material(ca, root), in2027))[0]?.message ?? "", /too weak/);
});

test("fail/not valid yet", async (t) => {
  const ca = await foreignCa({ notBefore: "2028-01-01T00:00:00Z" });
  t.regex(refused(buildIssuer(material(ca), in2027))[0]?.message ?? "", /not valid before 2028/);
});
